//! `hivemind admin`: settings of the cluster.

mod config;

use clap::{ArgMatches, Command, FromArgMatches as _, Parser, Subcommand};
use hm_cli::{CliError, Ctx, Exit};

/// Administer the cluster
#[derive(Debug, Parser)]
#[command(
    name = "hivemind-admin",
    bin_name = "hivemind admin",
    version,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Admin,
}

#[derive(Debug, Subcommand)]
enum Admin {
    Config(config::ConfigArgs),
}

pub fn command() -> Command {
    hm_cli::command::<Cli>()
}

pub fn run(ctx: &mut Ctx, matches: &ArgMatches) -> Result<Exit, CliError> {
    match Cli::from_arg_matches(matches)?.command {
        Admin::Config(args) => config::run(ctx, args),
    }
}
