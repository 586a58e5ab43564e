//! Why a call failed: what, where, and the next thing to try.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use hm_api::{ErrorCode, Exit, Problem};

use crate::Host;

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No file of that name: no daemon was ever started here, or it listens elsewhere.
    #[error("no daemon here: {} does not exist", .path.display())]
    NoSocket { path: PathBuf },
    #[error("not allowed to use the daemon's socket {}", .path.display())]
    SocketDenied { path: PathBuf },
    /// The file is there, nobody listens.
    #[error("the daemon is not running: nobody listens on {}", .path.display())]
    NotRunning { path: PathBuf },
    #[error("cannot connect to {}", .path.display())]
    Connect { path: PathBuf, source: io::Error },
    #[error("cannot send the request to {host}")]
    Send { host: Host, source: io::Error },
    #[error("{host} closed the connection before it answered")]
    Closed { host: Host },
    #[error("no answer from {host} within {after:?}")]
    TimedOut { host: Host, after: Duration },
    #[error("cannot read the answer of {host}")]
    Receive { host: Host, source: io::Error },
    /// An error status whose body is no problem: something else than our daemon answers, or one of another version.
    #[error("{host} answered with status {status} and no reason")]
    Status { host: Host, status: u16 },
    #[error("the answer of {host} is not what version {} expects", env!("CARGO_PKG_VERSION"))]
    Unexpected {
        host: Host,
        source: serde_json::Error,
    },
    /// The daemon said no, and why.
    #[error(transparent)]
    Problem(Box<Problem>),
    #[error("{host} cannot be reached: only unix:// hosts can, until hivemind-connect is built")]
    NotBuilt { host: Host },
}

impl ClientError {
    pub fn exit(&self) -> Exit {
        match self {
            Self::NoSocket { .. }
            | Self::NotRunning { .. }
            | Self::Connect { .. }
            | Self::Send { .. }
            | Self::Closed { .. } => Exit::NoDaemon,
            Self::SocketDenied { .. } => Exit::NotAllowed,
            Self::TimedOut { .. } => Exit::TimedOut,
            Self::Receive { .. }
            | Self::Status { .. }
            | Self::Unexpected { .. }
            | Self::NotBuilt { .. } => Exit::Failed,
            Self::Problem(problem) => problem.code.exit(),
        }
    }

    /// One word for programs: the problem's code, or one of our own.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSocket { .. } | Self::NotRunning { .. } | Self::Connect { .. } => "no_daemon",
            Self::SocketDenied { .. } => "socket_denied",
            Self::Send { .. } | Self::Closed { .. } => "daemon_closed",
            Self::TimedOut { .. } => ErrorCode::Timeout.name(),
            Self::Receive { .. } | Self::Status { .. } | Self::Unexpected { .. } => "bad_answer",
            Self::Problem(problem) => problem.code.name(),
            Self::NotBuilt { .. } => ErrorCode::NotBuilt.name(),
        }
    }

    /// Whether a daemon that is only restarting would look like this.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::NoSocket { .. }
            | Self::NotRunning { .. }
            | Self::Connect { .. }
            | Self::Send { .. }
            | Self::Closed { .. } => true,
            Self::Problem(problem) => problem.code == ErrorCode::Unavailable,
            Self::SocketDenied { .. }
            | Self::TimedOut { .. }
            | Self::Receive { .. }
            | Self::Status { .. }
            | Self::Unexpected { .. }
            | Self::NotBuilt { .. } => false,
        }
    }

    /// The next thing to try.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::NoSocket { .. } => Some(
                "start it with `sudo systemctl start hivemind`, or name another with --host unix:///path",
            ),
            Self::NotRunning { .. }
            | Self::Connect { .. }
            | Self::Closed { .. }
            | Self::Send { .. } => {
                Some("see `systemctl status hivemind` and `journalctl -u hivemind`")
            }
            Self::SocketDenied { .. } => Some(
                "use sudo, or join the group: `sudo usermod -aG hivemind $USER` and log in again",
            ),
            Self::TimedOut { .. } => {
                Some("allow more with --timeout, or see `journalctl -u hivemind`")
            }
            Self::Receive { .. } | Self::Status { .. } | Self::Unexpected { .. } => Some(
                "if daemon and command differ in version, upgrade the older: `hivemind --version`, `hivemind health`",
            ),
            Self::Problem(problem) => problem.hint.as_deref(),
            Self::NotBuilt { .. } => {
                Some("run the command on the node itself: `ssh NODE hivemind ...`")
            }
        }
    }
}
