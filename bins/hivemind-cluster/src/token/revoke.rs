//! `hivemind cluster token revoke`

use clap::Args;
use hm_api::Operation;
use hm_cli::{CliError, Ctx, Exit};

/// Make a token useless; nodes that joined with it stay
#[derive(Args, Debug)]
#[group(id = "which", required = true, multiple = false, args = ["id", "token"])]
pub(crate) struct RevokeArgs {
    /// The token's id, as `hivemind cluster token ls` shows it
    #[arg(value_name = "ID")]
    id: Option<String>,

    /// The same, as a flag
    #[arg(long = "id", value_name = "ID")]
    token: Option<String>,
}

pub(crate) fn run(ctx: &mut Ctx, args: &RevokeArgs) -> Result<Exit, CliError> {
    let id = args
        .id
        .as_ref()
        .or(args.token.as_ref())
        .map(String::as_str)
        .unwrap_or_default();
    if id.is_empty() {
        return Err(CliError::usage("the token's id is empty").hint("hivemind cluster token ls"));
    }
    ctx.client()?.order(Operation::TokenDelete, &[id])?;
    ctx.note(&format!("token {id} is revoked"));
    Ok(Exit::Done)
}
