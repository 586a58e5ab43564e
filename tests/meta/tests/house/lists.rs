//! What is listed somewhere must be there, and the other way round.

use std::fs;

use hm_meta::{packages, root};

use crate::none;

#[test]
fn every_crate_has_a_line_in_the_readme_of_its_folder() {
    let mut findings = Vec::new();
    for folder in ["lib", "bins"] {
        let readme =
            fs::read_to_string(root().join(folder).join("README.md")).expect("a README.md");
        let listed: Vec<&str> = readme
            .lines()
            .filter_map(|line| line.strip_prefix("- [")?.split(']').next())
            .collect();
        let there: Vec<String> = packages()
            .iter()
            .filter(|package| package.is_in(folder))
            .map(|package| package.short().to_owned())
            .collect();
        for name in &there {
            let lines = listed.iter().filter(|listed| *listed == name).count();
            if lines != 1 {
                findings.push(format!("{folder}/{name} has {lines} lines"));
            }
        }
        for name in listed
            .iter()
            .filter(|name| !there.iter().any(|there| there == *name))
        {
            findings.push(format!("{folder}/{name} is listed and not there"));
        }
    }
    none(
        "lib/README.md and bins/README.md list each crate once",
        &findings,
    );
}

#[test]
fn a_description_is_the_first_line_of_its_crate() {
    let mut findings = Vec::new();
    for package in packages() {
        let Some(source) = &package.library else {
            continue;
        };
        let text = fs::read_to_string(root().join(source)).expect("a readable source");
        // A manifest is plain text, a comment has backticks.
        let first = text.lines().next().unwrap_or_default().replace('`', "");
        if first != format!("//! {}", package.description.replace('`', "")) {
            findings.push(format!(
                "{}: manifest `{}`, {} `{first}`",
                package.name,
                package.description,
                source.display()
            ));
        }
    }
    none(
        "descriptions that differ from the crate's first line",
        &findings,
    );
}

#[test]
fn crates_are_named_after_their_folders() {
    let mut findings = Vec::new();
    for package in packages() {
        let prefixed = format!("hm-{}", package.short());
        let fits = if package.is_in("bins") {
            package.name == package.short()
        } else {
            package.name == prefixed
                || package.is_in("tests") && package.name == format!("{prefixed}-tests")
        };
        if !fits {
            findings.push(format!(
                "{} is called {}",
                package.folder.display(),
                package.name
            ));
        }
    }
    none("names that differ from the folder", &findings);
}

#[test]
fn the_changelog_knows_this_version() {
    let changelog = fs::read_to_string(root().join("CHANGELOG.md")).expect("a CHANGELOG.md");
    for package in packages() {
        let heading = format!("## {}", package.version);
        let found = changelog
            .lines()
            .any(|line| line == heading || line.starts_with(&format!("{heading} ")));
        assert!(
            found,
            "CHANGELOG.md has no `{heading}`, the version of {}",
            package.name
        );
    }
}
