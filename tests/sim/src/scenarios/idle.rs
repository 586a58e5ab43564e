//! A cluster that nobody uses writes nothing and says little.

use std::time::Duration;

use tokio::time::sleep;

use crate::hardware::Written;
use crate::{healthy, world};

const QUIET: Duration = Duration::from_secs(600);

/// What happened in ten minutes without anybody.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Idle {
    /// Writes and syncs of logs and records, on all machines.
    pub disk_actions: u64,
    /// The most messages one node sent, a second.
    pub most_sent: f64,
    pub most_received: f64,
}

pub fn idle(seed: u64, machines: usize) -> Idle {
    world(seed, async move {
        let (cluster, is_up) = healthy(seed, machines).await;
        assert!(is_up, "{:?}", cluster.trace().finish().violations);
        // The last acknowledgements and records are on their way.
        sleep(Duration::from_secs(30)).await;
        let written = || -> Vec<Written> {
            let machines = cluster.machines();
            machines
                .iter()
                .map(|machine| machine.hardware.written())
                .collect()
        };
        let (before, (sent, received)) = (written(), cluster.network().traffic());
        sleep(QUIET).await;
        let (after, (sent_after, received_after)) = (written(), cluster.network().traffic());
        let disk_actions = before.iter().zip(&after).map(|(before, after)| {
            after.log.writes - before.log.writes + after.log.syncs - before.log.syncs + after.saves
                - before.saves
        });
        let rate = |before: &std::collections::BTreeMap<_, u64>,
                    after: &std::collections::BTreeMap<_, u64>| {
            let most = after
                .iter()
                .map(|(node, count)| count - before.get(node).copied().unwrap_or(0))
                .max();
            most.unwrap_or(0) as f64 / QUIET.as_secs_f64()
        };
        Idle {
            disk_actions: disk_actions.sum(),
            most_sent: rate(&sent, &sent_after),
            most_received: rate(&received, &received_after),
        }
    })
}
