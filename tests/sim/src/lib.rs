//! Whole clusters in one process on virtual time: the real code with a simulated world, faults from a seed, invariants.
//!
//! One seed decides everything: two runs of it give the same report, line by line.

mod cluster;
mod disk;
mod faults;
mod machine;
mod network;
mod random;
mod settled;
mod trace;
mod writer;

use std::time::Duration;

pub use disk::Sync;
pub use trace::Report;

use cluster::Cluster;
use random::Chance;
use tokio::runtime::{Builder, RngSeed};
use tokio::time::Instant;
use trace::Trace;
use writer::Ledger;

/// The largest cluster of a run.
const MOST_MACHINES: u64 = 9;
const WRITERS: usize = 3;
/// How long a cluster may take to be whole again after all trouble ended.
const SETTLE_WITHIN: Duration = Duration::from_secs(60);

/// Runs one cluster through its life.
pub fn run(seed: u64, sync: Sync) -> Report {
    hm_raft::seed_thread_rng(seed);
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .rng_seed(RngSeed::from_bytes(&seed.to_le_bytes()))
        .build()
        .expect("a runtime without I/O needs nothing from the system");
    runtime.block_on(live(seed, sync))
}

async fn live(seed: u64, sync: Sync) -> Report {
    let chance = Chance::new(seed);
    let trace = Trace::default();
    let size = 1 + chance.below(MOST_MACHINES) as usize;
    trace.note(format_args!("seed {seed}: {size} machines"));
    let cluster = Cluster::new(size, &chance, &trace, sync);
    if !cluster.come_up().await {
        return trace.finish();
    }
    trace.note("the cluster is up");
    let ledger = Ledger::default();
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| {
            tokio::spawn(writer::write(
                number,
                cluster.clone(),
                ledger.clone(),
                trace.clone(),
            ))
        })
        .collect();
    let trouble = chance.between(Duration::from_secs(5), Duration::from_secs(40));
    faults::trouble(&cluster, &trace, Instant::now() + trouble).await;
    faults::heal(&cluster, &trace);
    tokio::time::sleep(Duration::from_secs(10)).await;
    writers.iter().for_each(tokio::task::JoinHandle::abort);
    if cluster.settles(SETTLE_WITHIN).await {
        settled::compare(&cluster, &ledger, &trace);
    }
    trace.note(format_args!(
        "{} writes were acknowledged",
        ledger.acknowledged().len()
    ));
    trace.finish()
}
