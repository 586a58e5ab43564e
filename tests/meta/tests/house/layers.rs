//! Who may use whom: `edges.txt` for our own crates, `outside.txt` for the others.

use std::fs;

use hm_meta::{Package, Table, packages, root};

use crate::none;

const EDGES: &str = include_str!("../../edges.txt");
const OUTSIDE: &str = include_str!("../../outside.txt");

/// Stands for every program that is not named itself.
const COMMAND: &str = "(command)";

#[test]
fn our_crates_use_only_what_the_table_allows() {
    let edges = Table::read(EDGES, ':');
    let packages = packages();
    let mut findings = Vec::new();
    for package in outside_tests(&packages) {
        let row = if is_command(package) {
            COMMAND
        } else {
            package.short()
        };
        let Some(allowed) = edges.get(row) else {
            findings.push(format!("{} has no row", package.name));
            continue;
        };
        let allows = |name: &str| allowed.iter().any(|word| word == name);
        let used = package.uses.iter().filter_map(|used| ours(used, &packages));
        findings.extend(
            used.filter(|name| !allows(name))
                .map(|name| format!("{} uses {name}", package.name)),
        );
        let tests = package
            .tests_use
            .iter()
            .filter_map(|used| ours(used, &packages));
        let strange = tests.filter(|name| *name != "testkit" && !allows(name));
        findings.extend(strange.map(|name| format!("{} uses {name} in its tests", package.name)));
    }
    none("edges that tests/meta/edges.txt does not allow", &findings);
}

#[test]
fn a_row_names_only_what_stands_above_it() {
    let edges = Table::read(EDGES, ':');
    let mut findings = Vec::new();
    for (place, row) in edges.rows.iter().enumerate() {
        let above = &edges.rows[..place];
        let below = row
            .words
            .iter()
            .filter(|word| !above.iter().any(|row| row.key == **word));
        findings.extend(below.map(|word| format!("{} names {word}", row.key)));
        if above.iter().any(|other| other.key == row.key) {
            findings.push(format!("{} stands twice", row.key));
        }
    }
    none("edges.txt is not in layers", &findings);
}

#[test]
fn only_the_named_crates_know_their_part_of_the_world() {
    let fences = Table::read(OUTSIDE, ':');
    let packages = packages();
    let mut findings = Vec::new();
    for package in outside_tests(&packages).filter(|package| package.short() != "testkit") {
        for used in &package.uses {
            let Some(known) = fences.get(used) else {
                continue;
            };
            let allowed =
                |word: &String| word == package.short() || (word == COMMAND && is_command(package));
            if !known.iter().any(allowed) {
                findings.push(format!(
                    "{} uses {used}, which is for: {}",
                    package.name,
                    known.join(" ")
                ));
            }
        }
    }
    none(
        "crates from outside where tests/meta/outside.txt does not allow them",
        &findings,
    );
}

#[test]
fn words_and_pure_crates_use_nothing_that_is_not_listed() {
    let pure = Table::read(OUTSIDE, '=');
    let packages = packages();
    let mut findings = Vec::new();
    for package in &packages {
        let Some(allowed) = pure.get(package.short()) else {
            continue;
        };
        let foreign = package
            .uses
            .iter()
            .filter(|used| ours(used, &packages).is_none() && !allowed.contains(used));
        findings.extend(foreign.map(|used| format!("{} uses {used}", package.name)));
    }
    none(
        "pure crates with something from outside that tests/meta/outside.txt does not list",
        &findings,
    );
}

/// A crate's `.clippy.toml` replaces the root's: what the root says must stand in each of them too.
#[test]
fn pure_crates_are_fenced_by_clippy() {
    let root_lines = fs::read_to_string(root().join(".clippy.toml")).expect("a .clippy.toml");
    let pure = Table::read(OUTSIDE, '=');
    let fence = |name: &str| {
        fs::read_to_string(root().join("lib").join(name).join(".clippy.toml")).unwrap_or_default()
    };
    let model = fence("model");
    let missing = root_lines.lines().filter(|line| !model.contains(line));
    let mut findings: Vec<String> = missing
        .map(|line| format!("lib/model lacks `{line}`"))
        .collect();
    let differing = pure.rows.iter().filter(|row| fence(&row.key) != model);
    findings.extend(differing.map(|row| format!("lib/{} differs from lib/model", row.key)));
    none("the .clippy.toml of the pure crates", &findings);
}

#[test]
fn the_tables_name_crates_that_are_there() {
    let packages = packages();
    let (fences, pure) = (Table::read(OUTSIDE, ':'), Table::read(OUTSIDE, '='));
    let named = Table::read(EDGES, ':')
        .rows
        .into_iter()
        .chain(pure.rows)
        .map(|row| row.key);
    let mut findings: Vec<String> = named
        .chain(fences.rows.into_iter().flat_map(|row| row.words))
        .collect();
    findings
        .retain(|word| word != COMMAND && !packages.iter().any(|package| package.short() == word));
    none("rows for crates that are not there", &findings);
}

/// Everything but what stands in `tests/`: a test may look from any side.
fn outside_tests(packages: &[Package]) -> impl Iterator<Item = &Package> {
    packages.iter().filter(|package| !package.is_in("tests"))
}

/// A program without a row of its own.
fn is_command(package: &Package) -> bool {
    package.is_in("bins") && Table::read(EDGES, ':').get(package.short()).is_none()
}

/// The folder name, if this package is one of ours.
fn ours<'a>(name: &str, packages: &'a [Package]) -> Option<&'a str> {
    packages
        .iter()
        .find(|package| package.name == name)
        .map(Package::short)
}
