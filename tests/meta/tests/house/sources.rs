//! What every source file keeps to.

use std::fs;
use std::path::Path;

use hm_meta::{File, files, packages, root};

use crate::none;

/// Lines of code in one file, its tests not counted.
const LONGEST_CODE: usize = 500;
/// Lines of tests that may stay in the file they test.
const LONGEST_INLINE_TESTS: usize = 200;

#[test]
fn every_source_file_says_what_it_is() {
    // One macro call and `foo/tests.rs` are introduced by their names.
    let named = |file: &File| lines(file) <= 3 || file.path.ends_with("tests.rs");
    let findings = rust_files(|file| !named(file) && !file.bytes.starts_with(b"//! "));
    none("sources that do not open with `//! `", &findings);
}

#[test]
fn a_command_starts_in_one_line() {
    let mut findings = Vec::new();
    let commands = packages()
        .into_iter()
        .filter(|package| package.is_in("bins") && package.short() != "hivemind-daemon");
    for source in commands.flat_map(|package| package.programs) {
        let text = fs::read_to_string(root().join(&source)).expect("a readable source");
        if text.lines().count() != 1 {
            findings.push(source.display().to_string());
        }
    }
    none("commands whose main.rs is more than one line", &findings);
}

#[test]
fn a_file_is_a_room() {
    let mut findings = Vec::new();
    for file in files().iter().filter(|file| file.is_rust()) {
        let Some(text) = file.text() else { continue };
        let all = text.lines().count();
        let code = text
            .lines()
            .take_while(|line| *line != "#[cfg(test)]")
            .count();
        if code > LONGEST_CODE && !is_tests(&file.path) {
            findings.push(format!("{}: {code} lines of code", file.path.display()));
        }
        if all - code > LONGEST_INLINE_TESTS {
            findings.push(format!(
                "{}: {} lines of tests inside",
                file.path.display(),
                all - code
            ));
        }
    }
    none("files that want to be split", &findings);
}

#[test]
fn modules_are_files_beside_their_folder() {
    let findings = rust_files(|file| file.path.file_name().is_some_and(|name| name == "mod.rs"));
    none("`foo.rs` and `foo/`, not `foo/mod.rs`", &findings);
}

#[test]
fn no_file_is_a_drawer() {
    let drawers = ["util", "utils", "common", "helpers", "misc"];
    let findings = rust_files(|file| {
        file.path
            .file_stem()
            .is_some_and(|stem| drawers.iter().any(|name| stem == *name))
    });
    none("files named after no subject", &findings);
}

#[test]
fn no_test_is_switched_off() {
    let mark = ["#[", "ignore"].concat();
    let findings = rust_files(|file| file.text().is_some_and(|text| text.contains(&mark)));
    none("ignored tests", &findings);
}

#[test]
fn nothing_names_a_build_machine() {
    // Put together here, so that this file does not find itself.
    let mut places = ["root", "work"]
        .map(|folder| format!("/{folder}/"))
        .to_vec();
    places.push(root().display().to_string());
    let mut findings = Vec::new();
    for file in files() {
        let Some(text) = file.text() else { continue };
        for (number, line) in text.lines().enumerate() {
            if places.iter().any(|place| starts_a_path(line, place)) {
                findings.push(format!(
                    "{}:{}: {}",
                    file.path.display(),
                    number + 1,
                    line.trim()
                ));
            }
        }
    }
    none("paths of one machine", &findings);
}

#[test]
fn the_tree_is_text() {
    let binary = |file: &File| file.bytes.contains(&0) || file.text().is_none();
    let findings: Vec<String> = files()
        .iter()
        .filter(|file| binary(file))
        .map(|file| file.path.display().to_string())
        .collect();
    none("binary files", &findings);
}

/// Whether this place stands in the line as the beginning of an absolute path, and not inside a longer one.
fn starts_a_path(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-}~".contains(c))
    })
}

fn is_tests(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem == "tests")
        || path.iter().skip(1).any(|part| part == "tests")
}

fn lines(file: &File) -> usize {
    file.text().map_or(0, |text| text.lines().count())
}

fn rust_files(breaks_the_rule: impl Fn(&File) -> bool) -> Vec<String> {
    files()
        .iter()
        .filter(|file| file.is_rust() && breaks_the_rule(file))
        .map(|file| file.path.display().to_string())
        .collect()
}
