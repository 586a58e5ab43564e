//! One run: a cluster comes up, is used, suffers, and is whole again.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::cluster::Cluster;
use crate::faults;
use crate::hardware::Sync;
use crate::invariants::watchers::Mirror;
use crate::invariants::{Invariants, reads, states, watchers, writes};
use crate::random::Chance;
use crate::trace::Report;
use crate::writer;

/// The largest cluster of a run.
const MOST_MACHINES: u64 = 9;
const WATCHERS: usize = 3;
/// How long a cluster may take to be whole again after all trouble ended.
const SETTLES_WITHIN: Duration = Duration::from_secs(60);

pub(crate) async fn live(seed: u64, sync: Sync) -> Report {
    let invariants = Invariants::default();
    let trace = invariants.trace.clone();
    let chance = Chance::new(seed);
    let size = 1 + chance.below(MOST_MACHINES) as usize;
    trace.note(format_args!("seed {seed}: {size} machines"));
    let cluster = Cluster::new(size, &chance, &invariants, sync);
    if !cluster.come_up().await {
        return trace.finish();
    }
    trace.note("the cluster is up");
    let mut clients = JoinSet::new();
    for number in 0..writer::WRITERS {
        clients.spawn(writer::write(cluster.clone(), number));
    }
    clients.spawn(reads::read(cluster.clone()));
    let mirrors: Vec<Mirror> = (0..WATCHERS).map(|_| Mirror::default()).collect();
    let mut watching = JoinSet::new();
    for mirror in &mirrors {
        watching.spawn(watchers::watch(cluster.clone(), mirror.clone()));
    }
    faults::trouble(&cluster, Instant::now() + length_of_trouble(&chance)).await;
    faults::heal(&cluster);
    sleep(Duration::from_secs(10)).await;
    clients.shutdown().await;
    let quiet = Instant::now();
    if cluster.settles(SETTLES_WITHIN).await {
        trace.note(format_args!("whole again after {:?}", quiet.elapsed()));
        trace.whole_after(quiet.elapsed());
        count_changes_of_servers(&cluster);
        // What was on its way to watchers arrives.
        sleep(Duration::from_millis(200)).await;
        writes::at_the_end(&cluster);
        states::at_the_end(&cluster);
        watchers::at_the_end(&cluster, &mirrors);
    }
    trace.finish()
}

/// Now and then long enough for servers to be replaced.
fn length_of_trouble(chance: &Chance) -> Duration {
    if chance.per_mille(120) {
        chance.between(Duration::from_secs(60), Duration::from_secs(100))
    } else {
        chance.between(Duration::from_secs(5), Duration::from_secs(45))
    }
}

/// From what the cluster itself tells of it.
fn count_changes_of_servers(cluster: &Cluster) {
    let Some(core) = cluster.cores().into_iter().next() else {
        return;
    };
    for event in core.store().state().events().values() {
        if event.reason.as_str() == "server-removed" {
            cluster.trace().count("servers replaced");
        }
    }
}
