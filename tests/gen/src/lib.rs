//! Writes what is made from the commands: completions and manual pages.
//!
//! `cargo run -p hm-gen` writes them, `cargo run -p hm-gen -- --check` compares. The output depends on the commands alone: no date, no path, no order of files.

mod completions;
mod man;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Command;

/// Folders that hold nothing but generated files.
const FOLDERS: [&str; 4] = [
    "completions/bash",
    "completions/fish",
    "completions/zsh",
    "man",
];

/// Generated files by their path from the root of the tree.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

#[derive(Debug, thiserror::Error)]
pub enum GenError {
    #[error("cannot make {}", .path.display())]
    Make { path: PathBuf, source: io::Error },
    #[error("cannot write {}", .path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot read {}", .path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("stale: {}: run `cargo run -p hm-gen`", list(.paths))]
    Stale { paths: BTreeSet<PathBuf> },
}

fn list(paths: &BTreeSet<PathBuf>) -> String {
    let paths: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    paths.join(", ")
}

/// The commands, each a program of its own, with the word by which the dispatcher knows it.
fn commands() -> [(&'static str, Command); 5] {
    [
        ("admin", hivemind_admin::command()),
        ("cluster", hivemind_cluster::command()),
        ("daemon", hivemind_daemon::command()),
        ("health", hivemind_health::command()),
        ("node", hivemind_node::command()),
    ]
}

/// The dispatcher as it looks from outside: the commands are its subcommands.
fn dispatcher() -> Command {
    hivemind::command().subcommands(commands().map(|(word, command)| command.name(word)))
}

pub fn generate() -> Result<Files, GenError> {
    let mut files = Files::new();
    completions::generate(dispatcher(), &mut files);
    // The dispatcher's page names the others; each of them has its own.
    man::generate(hivemind::command(), &mut files)?;
    for (_, command) in commands() {
        completions::generate(command.clone(), &mut files);
        man::generate(command, &mut files)?;
    }
    Ok(files)
}

/// Writes the files and removes those that are no longer made.
pub fn write(root: &Path, files: &Files) -> Result<(), GenError> {
    for (path, content) in files {
        let path = root.join(path);
        let folder = path.parent().unwrap_or(root);
        fs::create_dir_all(folder).map_err(|source| GenError::Write {
            path: folder.to_owned(),
            source,
        })?;
        fs::write(&path, content).map_err(|source| GenError::Write { path, source })?;
    }
    for path in present(root)? {
        if !files.contains_key(&path) {
            fs::remove_file(root.join(&path)).map_err(|source| GenError::Write { path, source })?;
        }
    }
    Ok(())
}

/// Compares the files with those that are there.
pub fn check(root: &Path, files: &Files) -> Result<(), GenError> {
    let mut paths = BTreeSet::new();
    for path in present(root)? {
        let content = fs::read(root.join(&path)).map_err(|source| GenError::Read {
            path: path.clone(),
            source,
        })?;
        if files.get(&path) != Some(&content) {
            paths.insert(path);
        }
    }
    paths.extend(
        files
            .keys()
            .filter(|path| !root.join(path).exists())
            .cloned(),
    );
    if paths.is_empty() {
        Ok(())
    } else {
        Err(GenError::Stale { paths })
    }
}

fn present(root: &Path) -> Result<BTreeSet<PathBuf>, GenError> {
    let mut paths = BTreeSet::new();
    for folder in FOLDERS {
        let read = |source| GenError::Read {
            path: folder.into(),
            source,
        };
        match fs::read_dir(root.join(folder)) {
            Ok(entries) => {
                for entry in entries {
                    paths.insert(Path::new(folder).join(entry.map_err(read)?.file_name()));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(read(error)),
        }
    }
    Ok(paths)
}

/// The root of the tree.
pub fn root() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    folder.ancestors().nth(2).unwrap_or(folder).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_checked_in_is_what_the_commands_say() {
        let files = generate().expect("memory");
        assert_eq!(
            check(&root(), &files).map_err(|error| error.to_string()),
            Ok(())
        );
    }

    #[test]
    fn the_same_commands_make_the_same_files() {
        assert_eq!(generate().expect("memory"), generate().expect("memory"));
    }

    #[test]
    fn stale_missing_and_left_over_files_are_named_and_mended() {
        let home = tempfile::tempdir().expect("a folder");
        let mut files = Files::from([
            ("man/a.1".into(), b"a".to_vec()),
            ("man/b.1".into(), b"b".to_vec()),
        ]);
        write(home.path(), &files).expect("files");
        assert!(check(home.path(), &files).is_ok());
        files.insert("man/a.1".into(), b"changed".to_vec());
        files.remove(Path::new("man/b.1"));
        files.insert("completions/bash/c".into(), b"c".to_vec());
        let stale = check(home.path(), &files)
            .expect_err("all three")
            .to_string();
        assert_eq!(
            stale,
            "stale: completions/bash/c, man/a.1, man/b.1: run `cargo run -p hm-gen`"
        );
        write(home.path(), &files).expect("files");
        assert!(check(home.path(), &files).is_ok());
    }

    #[test]
    fn the_dispatcher_says_of_each_command_what_it_says_itself() {
        for (word, command) in commands() {
            let listed = hivemind::COMMANDS.iter().find(|(known, _)| *known == word);
            let about = command.get_about().map(ToString::to_string);
            assert_eq!(
                listed.map(|(_, about)| (*about).to_owned()),
                about,
                "{word}"
            );
        }
    }

    #[test]
    fn every_command_has_its_page_and_its_completions() {
        let files = generate().expect("memory");
        let names = commands().map(|(word, _)| format!("hivemind-{word}"));
        for name in names.into_iter().chain(["hivemind".to_owned()]) {
            for path in [
                format!("completions/bash/{name}"),
                format!("completions/fish/{name}.fish"),
                format!("completions/zsh/_{name}"),
                format!("man/{name}.1"),
            ] {
                assert!(files.contains_key(Path::new(&path)), "{path}");
            }
        }
    }
}
