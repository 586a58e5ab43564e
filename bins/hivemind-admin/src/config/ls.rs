//! `hivemind admin config ls`

use clap::Args;
use hm_api::Operation;
use hm_api::list::PageQuery;
use hm_api::setting::{Setting, SettingSource, SettingValue};
use hm_cli::flags::QuietArgs;
use hm_cli::{Cell, CliError, Ctx, Exit, Style, Table};

/// List all settings with their values and what they mean
///
/// The JSON form is an array of objects with the fields key, value, default, unit, description, source (default or set) and
/// generation.
#[derive(Args, Debug)]
pub(crate) struct LsArgs {
    #[command(flatten)]
    quiet: QuietArgs,
}

pub(crate) fn run(ctx: &mut Ctx, _args: &LsArgs) -> Result<Exit, CliError> {
    let settings: Vec<Setting> = ctx
        .client()?
        .list(Operation::SettingList, &PageQuery::default())?;
    ctx.list(&settings, |setting| setting.key.clone(), table)?;
    Ok(Exit::Done)
}

fn table(settings: &[Setting]) -> Table {
    let mut table = Table::new(["KEY", "VALUE", "DEFAULT", "DESCRIPTION"]);
    for setting in settings {
        // What somebody has changed stands out.
        let style = match setting.source {
            SettingSource::Set => Style::Heading,
            SettingSource::Default => Style::Plain,
        };
        table.row([
            Cell::from(&setting.key),
            Cell::styled(style, with_unit(&setting.value, setting)),
            Cell::from(with_unit(&setting.default, setting)),
            Cell::from(&setting.description),
        ]);
    }
    table
}

fn with_unit(value: &SettingValue, setting: &Setting) -> String {
    match setting.unit.as_deref() {
        Some(unit) => format!("{value} {unit}"),
        None => value.to_string(),
    }
}
