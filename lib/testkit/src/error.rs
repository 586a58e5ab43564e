//! What can go wrong around a test: the tools, the files, the time.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// An error of the kit itself, never of what is tested.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    #[error("start {program}")]
    Start {
        program: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("`{command}` failed ({status}): {stderr}")]
    Tool {
        command: String,
        status: String,
        stderr: String,
    },
    #[error("{action} {path}")]
    File {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("signal process {pid}")]
    Signal {
        pid: u32,
        #[source]
        source: io::Error,
    },
    #[error("{what} did not come true within {within:?}")]
    TooLate { what: String, within: Duration },
    #[error("{name} ended ({status}) before it was ready; its log:\n{log}")]
    Ended {
        name: String,
        status: String,
        log: String,
    },
    #[error("{method} {path} on {socket}")]
    Call {
        method: String,
        path: String,
        socket: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{method} {path} answered {status}: {body}")]
    Refused {
        method: String,
        path: String,
        status: u16,
        body: String,
    },
    #[error("{path} is no program of the workspace")]
    NoProgram { path: PathBuf },
}

impl KitError {
    pub fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }
}
