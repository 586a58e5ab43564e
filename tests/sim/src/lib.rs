//! Whole clusters in one process on virtual time: the real code with a simulated world, faults from a seed, invariants.
//!
//! One seed decides everything: two runs of it give the same report, line by line and message by message.

mod clock;
mod cluster;
mod faults;
mod hardware;
mod invariants;
mod life;
mod machine;
mod network;
mod random;
mod scenarios;
mod trace;
mod writer;

use std::future::Future;
use std::sync::Arc;

pub use hardware::Sync;
pub use scenarios::crowd::{CROWD, crowd};
pub use scenarios::cut_off::agents_leave_a_server_that_is_cut_off;
pub use scenarios::idle::{Idle, idle};
pub use scenarios::leader_lost::{Loss, leader_lost};
pub use trace::Report;

use cluster::Cluster;
use invariants::Invariants;
use random::Chance;
use tokio::runtime::{Builder, RngSeed};

/// Runs one cluster through a life full of trouble.
pub fn run(seed: u64, sync: Sync) -> Report {
    world(seed, life::live(seed, sync))
}

/// Virtual time, one thread, and every choice from the seed.
fn world<R>(seed: u64, life: impl Future<Output = R>) -> R {
    hm_raft::seed_thread_rng(seed);
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .rng_seed(RngSeed::from_bytes(&seed.to_le_bytes()))
        .build()
        .expect("a runtime without I/O needs nothing from the system");
    runtime.block_on(life)
}

/// A cluster of so many machines that has come up in fair weather.
async fn healthy(seed: u64, size: usize) -> (Arc<Cluster>, bool) {
    let invariants = Invariants::default();
    let cluster = Cluster::new(size, &Chance::new(seed), &invariants, Sync::Real);
    let is_up = cluster.come_up().await;
    (cluster, is_up)
}
