//! Simulated clusters: `HIVEMIND_SIM_SEEDS=1000` runs more of them, `HIVEMIND_SIM_SEED=42` replays one and prints its trace.

use std::env;

use hm_sim::{Report, Sync, run};

/// The runs of an ordinary test run.
const RUNS: u64 = 200;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

fn assert_sound(seed: u64, report: &Report) {
    assert!(
        report.violations.is_empty(),
        "seed {seed} violates:\n  {}\nreplay it with HIVEMIND_SIM_SEED={seed}; its end:\n{}",
        report.violations.join("\n  "),
        report.lines[report.lines.len().saturating_sub(60)..].join("\n")
    );
}

#[test]
fn no_run_breaks_a_promise() {
    if let Some(seed) = number("HIVEMIND_SIM_SEED") {
        let report = run(seed, Sync::Real);
        println!("{}", report.lines.join("\n"));
        return assert_sound(seed, &report);
    }
    let first = number("HIVEMIND_SIM_FIRST").unwrap_or(1);
    let runs = number("HIVEMIND_SIM_SEEDS").unwrap_or(RUNS);
    for seed in first..first + runs {
        assert_sound(seed, &run(seed, Sync::Real));
    }
}

#[test]
fn a_seed_replays_exactly() {
    for seed in [3, 7] {
        assert_eq!(run(seed, Sync::Real), run(seed, Sync::Real));
    }
}

#[test]
fn a_planted_bug_is_found_and_found_again_by_its_seed() {
    let found = (1..100)
        .map(|seed| (seed, run(seed, Sync::Lie)))
        .find(|(_, report)| !report.violations.is_empty());
    let (seed, report) = found.expect("a disk that lies about syncing must be noticed");
    assert_eq!(run(seed, Sync::Lie), report);
    assert!(
        run(seed, Sync::Real).violations.is_empty(),
        "without the bug seed {seed} is sound"
    );
}
