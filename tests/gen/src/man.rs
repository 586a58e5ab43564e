//! Manual pages: one for each command and each of its subcommands.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Command;
use clap_mangen::Man;
use hm_cli::{EXITS, VERSION};

use crate::{Files, GenError};

pub(crate) fn generate(command: Command, files: &mut Files) -> Result<(), GenError> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    pages(&command, files)
}

fn pages(command: &Command, files: &mut Files) -> Result<(), GenError> {
    for inner in command.get_subcommands() {
        pages(inner, files)?;
    }
    let name = command
        .get_display_name()
        .unwrap_or_else(|| command.get_name());
    let path = PathBuf::from(format!("man/{name}.1"));
    let content = page(command).map_err(|source| GenError::Make {
        path: path.clone(),
        source,
    })?;
    files.insert(path, content);
    Ok(())
}

fn page(command: &Command) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    // An empty date would shift the other fields: the version stands in its place.
    Man::new(command.clone())
        .date(VERSION)
        .source("Hivemind")
        .manual("Hivemind Manual")
        .render(&mut content)?;
    if !command.has_subcommands() {
        writeln!(content, ".SH \"EXIT STATUS\"")?;
        for (exit, meaning) in EXITS {
            writeln!(content, ".TP\n\\fB{}\\fR\n{meaning}", exit.code())?;
        }
    }
    writeln!(content, ".SH ENVIRONMENT")?;
    for variable in hm_paths::environment::DOCUMENTED {
        writeln!(
            content,
            ".TP\n\\fB{}\\fR\n{}",
            variable.name, variable.meaning
        )?;
    }
    writeln!(content, ".SH FILES")?;
    let files = [
        (hm_paths::files::SOCKET, "The daemon's socket"),
        (
            "~/.config/hivemind/config.toml",
            "Contexts: which daemon, which namespace",
        ),
        (
            hm_paths::files::CONFIG,
            "The same for everybody on the machine, and the daemon's own",
        ),
    ];
    for (path, meaning) in files {
        writeln!(content, ".TP\n\\fI{path}\\fR\n{meaning}")?;
    }
    Ok(content)
}
