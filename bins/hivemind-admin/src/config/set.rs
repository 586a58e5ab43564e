//! `hivemind admin config set`

use clap::Args;
use hm_api::Operation;
use hm_api::setting::{Setting, SettingSet, SettingSource, SettingValue};
use hm_cli::flags::DryRunArgs;
use hm_cli::{CliError, Ctx, Exit};
use hm_model::SettingError;

/// Change a setting of the cluster
///
/// It holds at once and on every node. The JSON form is the setting as `config get` shows it.
#[derive(Args, Debug)]
pub(crate) struct SetArgs {
    /// The setting, such as scheduler.rebalance_threshold
    #[arg(value_name = "KEY")]
    key: String,

    /// Its new value
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    value: String,

    #[command(flatten)]
    dry_run: DryRunArgs,
}

pub(crate) fn run(ctx: &mut Ctx, args: &SetArgs) -> Result<Exit, CliError> {
    let key = super::find_key(&args.key)?;
    let value = key
        .parse(&args.value)
        .map_err(|error| wrong_value(&error))?;
    let client = ctx.client()?;
    let value = to_api(value);
    let setting = if args.dry_run.dry_run {
        let now: Setting = client.call(Operation::SettingShow, &[key.as_str()])?;
        ctx.note(&format!("{} is {} and would become:", now.key, now.value));
        Setting {
            value,
            source: SettingSource::Set,
            ..now
        }
    } else {
        let wanted = SettingSet {
            value,
            expected_generation: None,
        };
        client.send(Operation::SettingSet, &[key.as_str()], &wanted)?
    };
    super::show(ctx, &setting)?;
    Ok(Exit::Done)
}

/// Numbers as numbers, the rest as text; a ratio goes as text, which is exact.
fn to_api(value: hm_model::SettingValue) -> SettingValue {
    match value {
        hm_model::SettingValue::Number(number) => match i64::try_from(number) {
            Ok(number) => SettingValue::Integer(number),
            Err(_) => SettingValue::Text(number.to_string()),
        },
        hm_model::SettingValue::Ratio(_) | hm_model::SettingValue::Strategy(_) => {
            SettingValue::Text(value.to_string())
        }
    }
}

fn wrong_value(error: &SettingError) -> CliError {
    CliError::from_error(Exit::Usage, "invalid", error).hint("hivemind admin config ls")
}
