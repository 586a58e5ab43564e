//! Flags that mean the same in every command. Each command flattens the groups that make sense for it.

use clap::Args;
use hm_client::Host;
use hm_model::{Namespace, Span};

use crate::style::ColorChoice;

// What every command takes, before and after its subcommand. A doc comment would become the command's own description.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]
    #[arg(long, global = true, display_order = 100, value_name = "HOST")]
    pub host: Option<Host>,

    /// The context of the configuration file to use [env: HIVEMIND_CONTEXT]
    #[arg(long, global = true, display_order = 100, value_name = "NAME")]
    pub context: Option<String>,

    /// Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]
    #[arg(long, global = true, display_order = 100, value_name = "TIME", value_parser = positive_span)]
    pub timeout: Option<Span>,

    /// Print JSON; errors too, on standard error
    #[arg(long, global = true, display_order = 100)]
    pub json: bool,

    /// When to use colours: auto, always or never
    #[arg(
        long,
        global = true,
        display_order = 100,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        hide_possible_values = true
    )]
    pub color: ColorChoice,
}

/// For commands that print things which have names.
#[derive(Args, Clone, Debug, Default)]
pub struct QuietArgs {
    /// Print names only
    #[arg(short, long, conflicts_with = "json")]
    pub quiet: bool,
}

/// For commands that can follow what they show.
#[derive(Args, Clone, Debug, Default)]
pub struct WatchArgs {
    /// Follow the changes until interrupted; with --json one object a line
    #[arg(short, long)]
    pub watch: bool,
}

/// For commands about things that live in a namespace.
#[derive(Args, Clone, Debug, Default)]
pub struct NamespaceArgs {
    /// The namespace [env: HIVEMIND_NAMESPACE]
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<Namespace>,
}

/// For commands that change something.
#[derive(Args, Clone, Debug, Default)]
pub struct DryRunArgs {
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// For commands that wait until a change is true.
#[derive(Args, Clone, Debug, Default)]
pub struct DetachArgs {
    /// Do not wait until it is true
    #[arg(short, long)]
    pub detach: bool,
}

/// For commands that ask before they do harm.
#[derive(Args, Clone, Debug, Default)]
pub struct YesArgs {
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}

fn positive_span(text: &str) -> Result<Span, String> {
    match text.parse::<Span>() {
        Ok(span) if span.is_zero() => Err("it must be longer than nothing".to_owned()),
        Ok(span) => Ok(span),
        Err(error) => Err(error.to_string()),
    }
}
