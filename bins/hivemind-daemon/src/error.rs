//! Why the daemon did not start or did not go on, and what to try.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::config::ConfigError;
use crate::joining::JoinError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum DaemonError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{variable} is not a log filter: {reason}")]
    LogFilter {
        variable: &'static str,
        reason: String,
    },
    #[error("cannot start the runtime")]
    Runtime(#[source] io::Error),
    #[error("cannot {doing} {path}")]
    File {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("another daemon uses the data directory {path}")]
    InUse { path: PathBuf },
    #[error("{path} is damaged: {reason}")]
    Damaged { path: PathBuf, reason: String },
    #[error("{path} was written by a newer version (format {found}, this one reads up to {known})")]
    Newer {
        path: PathBuf,
        found: u16,
        known: u16,
    },
    #[error("this node is called {known}, not {asked}: a node keeps its name")]
    Name { known: String, asked: String },
    #[error("the host's name cannot be this node's name: {reason}")]
    HostName { reason: String },
    #[error("cannot make the cluster's certificates")]
    Certificates(#[source] Box<dyn Error + Send + Sync>),
    #[error("cannot join the cluster")]
    Join(#[source] Box<JoinError>),
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("cannot listen on {path}")]
    Socket { path: PathBuf, source: io::Error },
    #[error("cannot open the audit log")]
    Audit(#[source] Box<dyn Error + Send + Sync>),
    #[error("cannot start this node")]
    Start(#[source] Box<hm_node::StartError>),
    #[error("cannot go on")]
    Failed(#[source] std::sync::Arc<hm_node::RoleError>),
}

impl DaemonError {
    /// What to try next.
    pub(crate) fn hint(&self) -> Option<&str> {
        match self {
            Self::InUse { .. } => Some(
                "stop it first (`systemctl stop hivemind`), or give this one its own --data-dir",
            ),
            Self::HostName { .. } => Some("give one with --node-name"),
            Self::Listen { source, .. } if source.kind() == io::ErrorKind::AddrInUse => Some(
                "another program listens there: `ss -lnp` names it; or choose --web-port and --gossip-port",
            ),
            Self::File { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => Some(
                "run the daemon as root, or give it a --data-dir and a --socket that you may write",
            ),
            Self::Newer { .. } => Some("start the newer hivemind-daemon again"),
            Self::Join(error) => error.hint(),
            Self::Config(_)
            | Self::LogFilter { .. }
            | Self::Runtime(_)
            | Self::File { .. }
            | Self::Damaged { .. }
            | Self::Name { .. }
            | Self::Certificates(_)
            | Self::Listen { .. }
            | Self::Socket { .. }
            | Self::Audit(_)
            | Self::Start(_)
            | Self::Failed(_) => None,
        }
    }
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
