//! Many watchers: followers serve them from their own state, the leader does not even notice.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::invariants::watchers::{self, Mirror};
use crate::{healthy, world, writer};

/// How many watch.
pub const CROWD: usize = 200;

/// The messages that the leader sent and received while writes went on for ten seconds and so many watched followers.
pub fn crowd(seed: u64, watchers: usize) -> (u64, u64) {
    world(seed, async move {
        let (cluster, is_up) = healthy(seed, 3).await;
        assert!(is_up, "{:?}", cluster.trace().finish().violations);
        let place = cluster.leader().expect("a settled cluster has a leader");
        let leader = cluster.machines()[place].id;
        let followers: Vec<_> = cluster
            .cores()
            .into_iter()
            .filter(|core| core.id() != leader)
            .collect();
        let mirrors: Vec<Mirror> = (0..watchers).map(|_| Mirror::default()).collect();
        let mut watching = JoinSet::new();
        for (mirror, core) in mirrors.iter().zip(followers.iter().cycle()) {
            watching.spawn(watchers::follow(
                cluster.clone(),
                core.clone(),
                mirror.clone(),
            ));
        }
        let (sent, received) = cluster.network().traffic();
        let mut writers = JoinSet::new();
        for number in 0..writer::WRITERS {
            writers.spawn(writer::write(cluster.clone(), number));
        }
        sleep(Duration::from_secs(10)).await;
        writers.shutdown().await;
        let (sent_after, received_after) = cluster.network().traffic();
        assert!(cluster.settles(Duration::from_secs(10)).await);
        sleep(Duration::from_millis(200)).await;
        watchers::at_the_end(&cluster, &mirrors);
        let report = cluster.trace().finish();
        assert!(report.violations.is_empty(), "{:?}", report.violations);
        assert!(report.counts["writes acknowledged"] > 50);
        (
            sent_after[&leader] - sent[&leader],
            received_after[&leader] - received[&leader],
        )
    })
}
