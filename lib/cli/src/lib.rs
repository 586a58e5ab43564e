//! What every command shares: global flags, tables, JSON, exit codes, waiting, progress, prompts.
//!
//! A command's crate has `command()` and `run()`; its `main.rs` is `hm_cli::bin!(its_crate);`. Commands print through [`Ctx`]
//! only: data to standard output, everything else to standard error.

mod age;
mod config;
mod ctx;
mod error;
mod exit;
pub mod flags;
mod follow;
mod io;
mod progress;
mod start;
mod style;
mod table;
pub mod text;
pub mod words;

pub use ctx::{Ctx, Format, Look};
pub use error::CliError;
pub use exit::EXITS;
pub use follow::{Update, follow};
pub use hm_api::Exit;
/// The variable by which the dispatcher tells its version.
pub use hm_paths::environment::VERSION as VERSION_VARIABLE;
pub use start::{Run, VERSION, command, start};
pub use style::{ColorChoice, Colors, Style};
pub use table::{Cell, Table};

/// The `main` of a command whose crate has `command()` and `run()`.
#[macro_export]
macro_rules! bin {
    ($library:ident) => {
        fn main() -> std::process::ExitCode {
            $crate::start($library::command(), $library::run)
        }
    };
}
