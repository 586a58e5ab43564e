//! The rules of the house. Each test collects everything that breaks its rule and names it all at once.

mod generated;
mod layers;
mod lists;
mod sources;
mod supply;

/// Fails with every finding on a line of its own.
fn none(rule: &str, findings: &[String]) {
    assert!(
        findings.is_empty(),
        "{rule}:\n  {}\n",
        findings.join("\n  ")
    );
}
