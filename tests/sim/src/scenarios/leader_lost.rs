//! The leader is lost, and nothing else is wrong: how long until a write succeeds again?

use std::sync::Arc;
use std::time::Duration;

use hm_model::{Actor, RequestId, Via};
use hm_protocol::server::Proposal;
use hm_server::Core;
use hm_state::Entry;
use tokio::time::{Instant, sleep};

use crate::cluster::Cluster;
use crate::{healthy, world};

const LOSSES: u64 = 6;

/// How a leader goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Loss {
    Power,
    Kill,
    Order,
}

/// For each loss, from the moment it happens to the answer of a write that waits at another server.
pub fn leader_lost(seed: u64, machines: usize, loss: Loss) -> Vec<Duration> {
    world(seed, async move {
        let (cluster, is_up) = healthy(seed, machines).await;
        assert!(
            is_up,
            "seed {seed}: {:?}",
            cluster.trace().finish().violations
        );
        let mut silences = Vec::new();
        for number in 0..LOSSES {
            silences.push(lose(&cluster, loss, number).await);
            if !cluster.settles(Duration::from_secs(60)).await {
                break;
            }
        }
        let report = cluster.trace().finish();
        assert!(
            report.violations.is_empty(),
            "seed {seed}: {:?}\n{}",
            report.violations,
            report.lines.join("\n")
        );
        silences
    })
}

async fn lose(cluster: &Arc<Cluster>, loss: Loss, number: u64) -> Duration {
    // At any moment between two heartbeats.
    sleep(
        cluster
            .chance()
            .between(Duration::ZERO, Duration::from_secs(1)),
    )
    .await;
    let leader = cluster.leader().expect("a settled cluster has a leader");
    let others: Vec<Arc<Core>> = {
        let machines = cluster.machines();
        let others = machines.iter().filter(|machine| machine.place != leader);
        others
            .filter_map(|machine| machine.node()?.core())
            .collect()
    };
    let client = cluster
        .chance()
        .pick(&others)
        .cloned()
        .expect("there are other servers");
    let began = Instant::now();
    match loss {
        Loss::Power => cluster.lose_power(leader),
        Loss::Kill => cluster.kill(leader),
        Loss::Order => {
            tokio::spawn(cluster.clone().restart(leader, Duration::from_secs(3)));
            // Told to stop, it still takes writes for a moment: what is asked is the first one after it is gone.
            sleep(Duration::from_millis(20)).await;
        }
    }
    write(&client, number).await;
    let silence = began.elapsed();
    sleep(Duration::from_secs(3)).await;
    cluster.switch_on(leader);
    silence
}

async fn write(client: &Core, number: u64) {
    let proposal = Proposal {
        actor: Actor::Local(0),
        via: Via::Socket,
        request: Some(RequestId::from_u128(1 << 100 | u128::from(number))),
        expected_generation: None,
        entry: Entry::CreateNamespace(
            format!("after-{number}")
                .parse()
                .expect("a word and a number are a name"),
        ),
    };
    while client.propose(proposal.clone()).await.is_err() {}
}
