//! Help of the dispatcher: the commands that are there.

use std::path::Path;

use hm_cli::{Cell, CliError, Ctx, Exit, Style, Table};

use crate::{command, find};

/// Our commands in a line each, so that help need not run them all. A test compares it with what they say themselves.
pub const COMMANDS: [(&str, &str); 5] = [
    ("admin", "Administer the cluster"),
    ("cluster", "Show the cluster, let nodes in"),
    (
        "daemon",
        "Run this node: its API, its agent and, if the cluster chose it, its server",
    ),
    (
        "health",
        "Tell whether node and cluster are healthy, and what is wrong",
    ),
    ("node", "List and inspect nodes"),
];

pub(crate) fn print(ctx: &mut Ctx) -> Result<Exit, CliError> {
    let mut commands = Table::details();
    for (word, program) in find::all() {
        let about = COMMANDS.iter().find(|(known, _)| *known == word);
        commands.row([
            Cell::from(format!("  {word}")),
            describe(about.map(|(_, about)| *about), &program),
        ]);
    }
    commands.row([
        Cell::from("  help"),
        Cell::from("Print this, or the help of a command"),
    ]);
    let commands = ctx.render(&commands);
    let text = command().render_help().to_string();
    // clap's text is about, usage, options; the commands belong before the options.
    let (before, options) = text.split_once("\nOptions:\n").unwrap_or((&text, ""));
    ctx.write(&format!(
        "{before}\nCommands:\n{commands}\nOptions:\n{options}\nSee `hivemind help COMMAND` or `man hivemind-COMMAND`.\n"
    ))?;
    Ok(Exit::Done)
}

fn describe(about: Option<&str>, program: &Path) -> Cell {
    match about {
        Some(about) => Cell::from(about),
        None => Cell::styled(Style::Faint, format!("{}", program.display())),
    }
}
