//! `hivemind cluster token`: make a join token; list and revoke them.

mod ls;
mod revoke;

use clap::{Args, Subcommand};
use hm_api::Operation;
use hm_api::token::{NewToken, TokenCreate};
use hm_cli::{CliError, Ctx, Exit, Format};
use hm_model::{ParseError, Span};

/// Make a token with which nodes join the cluster; list and revoke tokens
///
/// Prints the token alone, so that it can be piped into a file: `hivemind cluster token > token`, then on the new node
/// `hivemind daemon --join HOST:3000 --token-file token`. It is shown only now; the cluster keeps no copy of its secret.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct TokenArgs {
    #[command(subcommand)]
    command: Option<Token>,

    #[command(flatten)]
    create: CreateArgs,
}

#[derive(Debug, Subcommand)]
enum Token {
    Ls(ls::LsArgs),
    Revoke(revoke::RevokeArgs),
}

#[derive(Args, Debug)]
struct CreateArgs {
    /// How long it is good for: 10m, 1h, 7d [default: 1h]
    #[arg(long, value_name = "TIME", value_parser = ttl)]
    ttl: Option<Span>,

    /// How many nodes may join with it [default: any number]
    #[arg(long, value_name = "N", value_parser = uses)]
    uses: Option<u32>,
}

pub(crate) fn run(ctx: &mut Ctx, args: TokenArgs) -> Result<Exit, CliError> {
    match args.command {
        None => create(ctx, &args.create),
        Some(Token::Ls(args)) => ls::run(ctx, &args),
        Some(Token::Revoke(args)) => revoke::run(ctx, &args),
    }
}

fn create(ctx: &mut Ctx, args: &CreateArgs) -> Result<Exit, CliError> {
    let usual = TokenCreate::default();
    let wanted = TokenCreate {
        ttl: args.ttl.unwrap_or(usual.ttl),
        uses: args.uses,
    };
    let token: NewToken = ctx.client()?.send(Operation::TokenCreate, &[], &wanted)?;
    match ctx.format() {
        Format::Json => ctx.json(&token)?,
        Format::Text | Format::Names => {
            ctx.line(&token.token)?;
            let nodes = match wanted.uses {
                None => "nodes".to_owned(),
                Some(1) => "one node".to_owned(),
                Some(uses) => format!("{uses} nodes"),
            };
            let revoke = format!("hivemind cluster token revoke {}", token.id);
            ctx.note(&format!(
                "lets {nodes} join within {}; take it back with `{revoke}`",
                wanted.ttl
            ));
        }
    }
    Ok(Exit::Done)
}

fn ttl(text: &str) -> Result<Span, String> {
    let span: Span = text
        .parse()
        .map_err(|error: ParseError| error.to_string())?;
    let bounds = TokenCreate::TTL;
    if bounds.contains(&span) {
        Ok(span)
    } else {
        Err(format!(
            "it must be from {} to {}",
            bounds.start(),
            bounds.end()
        ))
    }
}

fn uses(text: &str) -> Result<u32, String> {
    let bounds = TokenCreate::USES;
    let uses = text.parse().ok().filter(|uses| bounds.contains(uses));
    uses.ok_or_else(|| {
        format!(
            "it must be a whole number from {} to {}",
            bounds.start(),
            bounds.end()
        )
    })
}
