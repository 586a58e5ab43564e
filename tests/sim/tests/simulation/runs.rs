//! Random runs, in parts that can run side by side.

use std::collections::BTreeMap;
use std::env;
use std::time::{Duration, Instant};

use hm_sim::{Report, Sync, run};
use tracing_subscriber::EnvFilter;

/// The runs of an ordinary test run.
const RUNS: u64 = 200;
const PARTS: u64 = 8;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

/// The trace and the daemons' own logs in one stream. `HIVEMIND_SIM_LOG=hm_raft=debug` shows more than the trace.
fn show_logs() {
    let wanted = env::var("HIVEMIND_SIM_LOG").unwrap_or_default();
    let filter = EnvFilter::new(wanted).add_directive(
        "simulation=info"
            .parse()
            .expect("a target and a level are a directive"),
    );
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .without_time()
        .with_test_writer()
        .init();
}

fn assert_sound(seed: u64, report: &Report) {
    assert!(
        report.violations.is_empty(),
        "seed {seed} violates:\n  {}\nreplay it with HIVEMIND_SIM_SEED={seed}; its end:\n{}",
        report.violations.join("\n  "),
        report.lines[report.lines.len().saturating_sub(60)..].join("\n")
    );
}

/// The seeds of one part: every eighth.
fn part(which: u64) {
    if let Some(seed) = number("HIVEMIND_SIM_SEED") {
        if which == 0 {
            show_logs();
            let report = run(seed, Sync::Real);
            println!("{:#?}", report.counts);
            assert_sound(seed, &report);
        }
        return;
    }
    let first = number("HIVEMIND_SIM_FIRST").unwrap_or(1);
    let runs = number("HIVEMIND_SIM_SEEDS").unwrap_or(RUNS);
    let began = Instant::now();
    let mut total = Total::default();
    for seed in (first..first + runs).filter(|seed| seed % PARTS == which) {
        let report = run(seed, Sync::Real);
        assert_sound(seed, &report);
        total.add(&report);
    }
    println!("{total:#?}\nin {:?}", began.elapsed());
    assert!(total.runs == 0 || total.counts["writes acknowledged"] > 0);
}

/// What the runs of a part add up to.
#[derive(Debug, Default)]
struct Total {
    runs: u64,
    messages: u64,
    lasted: Duration,
    longest_until_whole: Duration,
    counts: BTreeMap<&'static str, u64>,
}

impl Total {
    fn add(&mut self, report: &Report) {
        self.runs += 1;
        self.messages += report.messages;
        self.lasted += report.lasted;
        self.longest_until_whole = self.longest_until_whole.max(report.whole_after);
        for (what, count) in &report.counts {
            *self.counts.entry(what).or_default() += count;
        }
    }
}

#[test]
fn no_run_breaks_a_promise_part_1() {
    part(0);
}

#[test]
fn no_run_breaks_a_promise_part_2() {
    part(1);
}

#[test]
fn no_run_breaks_a_promise_part_3() {
    part(2);
}

#[test]
fn no_run_breaks_a_promise_part_4() {
    part(3);
}

#[test]
fn no_run_breaks_a_promise_part_5() {
    part(4);
}

#[test]
fn no_run_breaks_a_promise_part_6() {
    part(5);
}

#[test]
fn no_run_breaks_a_promise_part_7() {
    part(6);
}

#[test]
fn no_run_breaks_a_promise_part_8() {
    part(7);
}
