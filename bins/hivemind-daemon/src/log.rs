//! The daemon's own log: lines on stderr, where journald picks them up.

use std::env;
use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::error::DaemonError;

/// What is logged unless `HIVEMIND_LOG` says otherwise: what openraft would say, hm-raft says better.
const DEFAULT: &str = "info,openraft=off";

pub(crate) fn start() -> Result<(), DaemonError> {
    let variable = hm_paths::environment::LOG;
    let wanted = env::var(variable).ok().filter(|wanted| !wanted.is_empty());
    let filter = EnvFilter::try_new(wanted.as_deref().unwrap_or(DEFAULT)).map_err(|error| {
        DaemonError::LogFilter {
            variable,
            reason: error.to_string(),
        }
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
    Ok(())
}
