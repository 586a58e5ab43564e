//! Where the commands are: beside this program, then on PATH.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::{is_executable, is_word, word_of};

/// The program for a word.
pub(crate) fn program(word: &str) -> Option<PathBuf> {
    if !is_word(word) {
        return None;
    }
    directories()
        .map(|directory| directory.join(format!("hivemind-{word}")))
        .find(|path| is_executable(path))
}

/// Every word there is a program for, with the program that would run.
pub(crate) fn all() -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    for directory in directories() {
        // A directory of PATH that is not there is nobody's concern.
        let Ok(entries) = directory.read_dir() else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            if let Some(word) = word_of(&name)
                && is_executable(&entry.path())
            {
                found.entry(word.to_owned()).or_insert_with(|| entry.path());
            }
        }
    }
    found
}

fn directories() -> impl Iterator<Item = PathBuf> {
    let own = std::env::current_exe()
        .ok()
        .and_then(|program| program.parent().map(PathBuf::from));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let listed: Vec<PathBuf> = std::env::split_paths(&path)
        .filter(|directory| directory.is_absolute())
        .collect();
    own.into_iter().chain(listed)
}
