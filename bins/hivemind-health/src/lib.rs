//! `hivemind health`: is this cluster all right?

use std::time::Duration;

use clap::{ArgMatches, Command, FromArgMatches as _, Parser};
use hm_api::health::{Health, HealthStatus};
use hm_cli::{Cell, CliError, Ctx, Exit, Format, Look, Table, words};
use hm_client::Client;

const PAUSE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(30);

/// Tell whether node and cluster are healthy, and what is wrong
///
/// Exits with 0 if they are and with 1 if they are not. The JSON form is one object: status (ok, degraded or down), node, name,
/// version, role, leader, quorum, and checks, each with name, status and message.
#[derive(Debug, Parser)]
#[command(name = "hivemind-health", bin_name = "hivemind health", version)]
struct Cli {
    /// Wait until they are, for as long as --timeout says
    #[arg(long)]
    wait: bool,
}

pub fn command() -> Command {
    hm_cli::command::<Cli>()
}

pub fn run(ctx: &mut Ctx, matches: &ArgMatches) -> Result<Exit, CliError> {
    let cli = Cli::from_arg_matches(matches)?;
    let client = ctx.client()?;
    let health = if cli.wait {
        wait(ctx, &client)?
    } else {
        client.health()?
    };
    match ctx.format() {
        Format::Json | Format::Names => ctx.json(&health)?,
        Format::Text => {
            let (_, status) = words::health_status(health.status);
            ctx.line(&format!("{} is {status}", health.name))?;
            ctx.table(&checks(&health))?;
        }
    }
    Ok(if health.status == HealthStatus::Ok {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn wait(ctx: &mut Ctx, client: &Client) -> Result<Health, CliError> {
    let limit = ctx.timeout().unwrap_or(PATIENCE);
    ctx.wait(limit, PAUSE, || match client.health() {
        Ok(health) if health.status == HealthStatus::Ok => Ok(Look::There(health)),
        Ok(health) => Ok(Look::NotYet(troubles(&health))),
        // A daemon that is only starting looks like this.
        Err(error) if error.is_passing() => Ok(Look::NotYet(error.to_string())),
        Err(error) => Err(error.into()),
    })
}

/// What is wrong, in one line.
fn troubles(health: &Health) -> String {
    let bad = health
        .checks
        .iter()
        .filter(|check| check.status != HealthStatus::Ok);
    let told: Vec<String> = bad
        .map(|check| format!("{}: {}", check.name, check.message))
        .collect();
    if told.is_empty() {
        words::health_status(health.status).1.to_owned()
    } else {
        told.join("; ")
    }
}

fn checks(health: &Health) -> Table {
    let mut table = Table::new(["CHECK", "STATUS", "MESSAGE"]);
    for check in &health.checks {
        let (style, status) = words::health_status(check.status);
        table.row([
            Cell::from(&check.name),
            Cell::styled(style, status),
            Cell::from(&check.message),
        ]);
    }
    table
}
