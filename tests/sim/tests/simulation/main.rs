//! Simulated clusters: `HIVEMIND_SIM_SEEDS=1000` runs more of them, `HIVEMIND_SIM_SEED=42` replays one and prints its trace.

#![expect(
    clippy::print_stdout,
    reason = "the numbers of a run are for people who look at it"
)]

mod promises;
mod replays;
mod runs;
