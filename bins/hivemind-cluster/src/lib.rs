//! `hivemind cluster`: status of the cluster, join tokens.

mod status;
mod token;

use clap::{ArgMatches, Command, FromArgMatches as _, Parser, Subcommand};
use hm_cli::{CliError, Ctx, Exit};

/// Show the cluster, let nodes in
#[derive(Debug, Parser)]
#[command(
    name = "hivemind-cluster",
    bin_name = "hivemind cluster",
    version,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Cluster,
}

#[derive(Debug, Subcommand)]
enum Cluster {
    Status(status::StatusArgs),
    Token(token::TokenArgs),
}

pub fn command() -> Command {
    hm_cli::command::<Cli>()
}

pub fn run(ctx: &mut Ctx, matches: &ArgMatches) -> Result<Exit, CliError> {
    match Cli::from_arg_matches(matches)?.command {
        Cluster::Status(args) => status::run(ctx, &args),
        Cluster::Token(args) => token::run(ctx, args),
    }
}
