//! `hivemind cluster token ls`

use clap::Args;
use hm_api::Operation;
use hm_api::list::PageQuery;
use hm_api::token::Token;
use hm_cli::flags::QuietArgs;
use hm_cli::{Cell, CliError, Ctx, Exit, Table};

/// List the tokens that are still good, without their secrets
///
/// The JSON form is an array of objects with the fields id, created_at, expires_at and uses_left.
#[derive(Args, Debug)]
pub(crate) struct LsArgs {
    #[command(flatten)]
    quiet: QuietArgs,
}

pub(crate) fn run(ctx: &mut Ctx, _args: &LsArgs) -> Result<Exit, CliError> {
    let tokens: Vec<Token> = ctx
        .client()?
        .list(Operation::TokenList, &PageQuery::default())?;
    let mut table = Table::new(["ID", "CREATED", "EXPIRES", "USES LEFT"]);
    for token in &tokens {
        table.row([
            Cell::from(token.id.to_string()),
            Cell::from(ctx.age(token.created_at)),
            Cell::from(ctx.age(token.expires_at)),
            Cell::from(
                token
                    .uses_left
                    .map_or("any".to_owned(), |uses| uses.to_string()),
            ),
        ]);
    }
    ctx.list(&tokens, |token| token.id.to_string(), |_| table)?;
    Ok(Exit::Done)
}
