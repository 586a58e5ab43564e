//! What comes in from outside: its licences, its sources, and no crate twice without a reason. The lists are in `.deny.toml`.

use std::collections::BTreeMap;
use std::fs;

use hm_meta::{foreign, root};
use toml::Table;

use crate::none;

fn lists() -> Table {
    let text = fs::read_to_string(root().join(".deny.toml")).expect("a .deny.toml");
    text.parse().expect("TOML")
}

#[test]
fn every_licence_is_on_the_list() {
    let lists = lists();
    let list: Vec<&str> = lists["licenses"]["allow"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|id| id.as_str())
        .collect();
    let strangers = foreign()
        .into_iter()
        .filter(|package| !allowed(&package.license, &list));
    let findings: Vec<String> = strangers
        .map(|package| format!("{}: {}", package.name, package.license))
        .collect();
    none("licences that .deny.toml does not allow", &findings);
}

#[test]
fn no_crate_comes_twice_without_a_reason() {
    let lists = lists();
    let excused: Vec<&str> = lists["bans"]["skip"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.get("name")?.as_str())
        .collect();
    let mut versions = BTreeMap::<String, Vec<String>>::new();
    for package in foreign() {
        versions
            .entry(package.name)
            .or_default()
            .push(package.version);
    }
    versions.retain(|_, versions| versions.len() > 1);
    let twice = versions
        .iter()
        .filter(|(name, _)| !excused.contains(&name.as_str()));
    let mut findings: Vec<String> = twice
        .map(|(name, versions)| format!("{name}: {}", versions.join(" and ")))
        .collect();
    let stale = excused.iter().filter(|name| !versions.contains_key(**name));
    findings.extend(stale.map(|name| format!("{name} is excused and comes once")));
    none("crates in several versions, against .deny.toml", &findings);
}

#[test]
fn everything_comes_from_the_registry() {
    let elsewhere = foreign()
        .into_iter()
        .filter(|package| !package.source.starts_with("registry+"));
    let findings: Vec<String> = elsewhere
        .map(|package| format!("{}: {}", package.name, package.source))
        .collect();
    none("crates from somewhere else", &findings);
}

/// Reads a licence expression: `OR` binds less than `AND`, a slash is an old `OR`.
fn allowed(expression: &str, list: &[&str]) -> bool {
    let expression = expression.replace('/', " OR ");
    any_of(expression.trim(), list)
}

fn any_of(expression: &str, list: &[&str]) -> bool {
    split(expression, "OR")
        .iter()
        .any(|part| split(part, "AND").iter().all(|part| one(part, list)))
}

fn one(part: &str, list: &[&str]) -> bool {
    match part
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
    {
        Some(inner) => any_of(inner.trim(), list),
        None => list.contains(&part),
    }
}

/// The parts between a word, not looking into brackets.
fn split(expression: &str, word: &str) -> Vec<String> {
    let mut parts = vec![Vec::new()];
    let mut depth = 0;
    for token in expression.split_whitespace() {
        if token == word && depth == 0 {
            parts.push(Vec::new());
            continue;
        }
        depth += token.matches('(').count();
        depth -= token.matches(')').count().min(depth);
        parts
            .last_mut()
            .expect("there is always a last part")
            .push(token);
    }
    parts.into_iter().map(|tokens| tokens.join(" ")).collect()
}

#[test]
fn licence_expressions_are_read_as_they_are_meant() {
    let list = ["MIT", "Unicode-3.0"];
    for good in [
        "MIT",
        "Apache-2.0 OR MIT",
        "MIT/GPL-3.0",
        "(MIT OR GPL-3.0) AND Unicode-3.0",
        "GPL-3.0 OR (MIT AND Unicode-3.0)",
    ] {
        assert!(allowed(good, &list), "{good}");
    }
    for bad in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(GPL-3.0 OR MIT) AND GPL-2.0",
        "MIT WITH exception",
        "",
    ] {
        assert!(!allowed(bad, &list), "{bad}");
    }
}
