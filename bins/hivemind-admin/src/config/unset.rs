//! `hivemind admin config unset`

use clap::Args;
use hm_api::Operation;
use hm_api::setting::{Setting, SettingSource};
use hm_cli::flags::DryRunArgs;
use hm_cli::{CliError, Ctx, Exit};

/// Return a setting to its default
#[derive(Args, Debug)]
pub(crate) struct UnsetArgs {
    /// The setting, such as scheduler.rebalance_threshold
    #[arg(value_name = "KEY")]
    key: String,

    #[command(flatten)]
    dry_run: DryRunArgs,
}

pub(crate) fn run(ctx: &mut Ctx, args: &UnsetArgs) -> Result<Exit, CliError> {
    let key = super::find_key(&args.key)?;
    let client = ctx.client()?;
    let setting = if args.dry_run.dry_run {
        let now: Setting = client.call(Operation::SettingShow, &[key.as_str()])?;
        ctx.note(&format!("{} is {} and would become:", now.key, now.value));
        Setting {
            value: now.default.clone(),
            source: SettingSource::Default,
            ..now
        }
    } else {
        client.call(Operation::SettingUnset, &[key.as_str()])?
    };
    super::show(ctx, &setting)?;
    Ok(Exit::Done)
}
