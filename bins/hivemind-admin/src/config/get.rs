//! `hivemind admin config get`

use clap::Args;
use hm_api::Operation;
use hm_api::setting::Setting;
use hm_cli::{CliError, Ctx, Exit, Format};

/// Print the value of a setting
///
/// Prints the value alone. The JSON form is one object: key, value, default, description, source (default or set), generation.
#[derive(Args, Debug)]
pub(crate) struct GetArgs {
    /// The setting, such as scheduler.rebalance_threshold
    #[arg(value_name = "KEY")]
    key: String,
}

pub(crate) fn run(ctx: &mut Ctx, args: &GetArgs) -> Result<Exit, CliError> {
    let key = super::find_key(&args.key)?;
    let setting: Setting = ctx
        .client()?
        .call(Operation::SettingShow, &[key.as_str()])?;
    match ctx.format() {
        Format::Json => ctx.json(&setting)?,
        Format::Text | Format::Names => ctx.line(&setting.value.to_string())?,
    }
    Ok(Exit::Done)
}
