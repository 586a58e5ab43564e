//! Completions for bash, fish and zsh, under the names by which the shells look for them.

use std::path::PathBuf;

use clap::Command;
use clap_complete::Shell;

use crate::Files;

pub(crate) fn generate(command: Command, files: &mut Files) {
    let name = command.get_name().to_owned();
    let places = [
        (Shell::Bash, format!("completions/bash/{name}")),
        (Shell::Fish, format!("completions/fish/{name}.fish")),
        (Shell::Zsh, format!("completions/zsh/_{name}")),
    ];
    for (shell, path) in places {
        let mut content = Vec::new();
        clap_complete::generate(shell, &mut command.clone(), &name, &mut content);
        files.insert(PathBuf::from(path), content);
    }
}
