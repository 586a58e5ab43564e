//! `hivemind node`: list and inspect nodes.

mod info;
mod ls;

use clap::{ArgMatches, Command, FromArgMatches as _, Parser, Subcommand};
use hm_cli::{CliError, Ctx, Exit};

/// List and inspect nodes
#[derive(Debug, Parser)]
#[command(
    name = "hivemind-node",
    bin_name = "hivemind node",
    version,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Node,
}

#[derive(Debug, Subcommand)]
enum Node {
    Ls(ls::LsArgs),
    Info(info::InfoArgs),
}

pub fn command() -> Command {
    hm_cli::command::<Cli>()
}

pub fn run(ctx: &mut Ctx, matches: &ArgMatches) -> Result<Exit, CliError> {
    match Cli::from_arg_matches(matches)?.command {
        Node::Ls(args) => ls::run(ctx, &args),
        Node::Info(args) => info::run(ctx, &args),
    }
}
