//! The daemon of a node: API, agent, gossip and, on servers, Raft and controllers.
//!
//! This crate wires the real world to `hm-node`: files, sockets, clocks, signals. Nothing is decided here.

mod addresses;
mod arguments;
mod authority;
mod config;
mod daemon;
mod error;
mod files;
mod founding;
mod home;
mod identity;
mod joining;
mod listen;
mod log;
mod place;
mod relaying;
mod world;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::arguments::Arguments;
use crate::error::DaemonError;

/// The command, for completions and man pages.
pub fn command() -> clap::Command {
    Arguments::command()
}

/// Runs the daemon until it is told to stop.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The one line that says why; if even stderr is gone, the exit code is left.
            let _ = writeln!(std::io::stderr(), "error: {}", error::chain(&error));
            if let Some(hint) = error.hint() {
                let _ = writeln!(std::io::stderr(), "hint: {hint}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), DaemonError> {
    let config = config::load(arguments)?;
    log::start()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("hivemind")
        .enable_all()
        .build()
        .map_err(DaemonError::Runtime)?;
    runtime.block_on(daemon::run(config))
}
