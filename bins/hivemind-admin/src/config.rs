//! `hivemind admin config`: settings that hold for the whole cluster, at once.

mod get;
mod ls;
mod set;
mod unset;

use clap::{Args, Subcommand};
use hm_api::setting::Setting;
use hm_cli::text::nearest;
use hm_cli::{CliError, Ctx, Exit};
use hm_model::SettingKey;

/// Show and change the settings of the cluster
#[derive(Args, Debug)]
#[command(arg_required_else_help = true)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: Config,
}

#[derive(Debug, Subcommand)]
enum Config {
    Set(set::SetArgs),
    Get(get::GetArgs),
    Ls(ls::LsArgs),
    Unset(unset::UnsetArgs),
}

pub(crate) fn run(ctx: &mut Ctx, args: ConfigArgs) -> Result<Exit, CliError> {
    match args.command {
        Config::Set(args) => set::run(ctx, &args),
        Config::Get(args) => get::run(ctx, &args),
        Config::Ls(args) => ls::run(ctx, &args),
        Config::Unset(args) => unset::run(ctx, &args),
    }
}

/// Reads a key here already, so that a typo is answered with what was meant.
fn find_key(text: &str) -> Result<SettingKey, CliError> {
    let key = SettingKey::find(text);
    key.map_err(|_| {
        let unknown = CliError::new(
            Exit::NotFound,
            "not_found",
            format!("there is no setting `{text}`"),
        );
        match nearest(text, SettingKey::ALL.iter().map(|key| key.as_str())) {
            Some(near) => unknown.hint(format!("did you mean {near}?")),
            None => unknown.hint("hivemind admin config ls"),
        }
    })
}

/// Prints a setting as it is now, or as it would be.
fn show(ctx: &mut Ctx, setting: &Setting) -> Result<(), CliError> {
    match ctx.format() {
        hm_cli::Format::Json => ctx.json(setting),
        hm_cli::Format::Text | hm_cli::Format::Names => {
            ctx.line(&format!("{} = {}", setting.key, setting.value))
        }
    }
}
