//! Leaders that go, nodes that are cut off, machines that lose power.

use std::time::Duration;

use bytes::Bytes;
use hm_raft::{ProposeError, Role};
use rand08::rngs::StdRng;
use rand08::{Rng, SeedableRng};
use tokio::time::{Instant, sleep};

use crate::world::{Cluster, id, run, write_somewhere};

const PROMISE: Duration = Duration::from_secs(2);

/// The longest of all, and how they are spread.
#[expect(
    clippy::print_stdout,
    reason = "the measurement is for whoever runs the test"
)]
fn report(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let mean = times.iter().sum::<Duration>() / u32::try_from(times.len()).expect("few");
    println!(
        "{what}: {} runs, mean {mean:?}, longest {:?}",
        times.len(),
        times.last()
    );
    assert!(
        times.iter().all(|time| *time < PROMISE),
        "{what}: {times:?}"
    );
}

#[test]
fn a_lost_leader_is_replaced_within_two_seconds() {
    let lose = |seed, voters: u64| {
        run(seed, async move {
            let mut cluster = Cluster::with_voters(seed, 1..=voters).await;
            // Anywhere between two heartbeats.
            sleep(Duration::from_millis(
                1_000 + StdRng::seed_from_u64(seed).gen_range(0..600),
            ))
            .await;
            let leader = cluster.leader().await;
            cluster.kill(leader);
            let silence = cluster.write().await;
            cluster.agree().await;
            cluster.start(leader).await;
            cluster.write().await;
            cluster.agree().await;
            silence
        })
    };
    report(
        "3 voters, leader lost",
        (0..60).map(|seed| lose(seed, 3)).collect(),
    );
    report(
        "5 voters, leader lost",
        (0..20).map(|seed| lose(seed, 5)).collect(),
    );
}

#[test]
fn a_leader_that_stops_is_replaced_within_two_seconds() {
    let stop = |seed, voters: u64| {
        run(seed, async move {
            let mut cluster = Cluster::with_voters(seed, 1..=voters).await;
            sleep(Duration::from_millis(
                1_000 + StdRng::seed_from_u64(seed).gen_range(0..600),
            ))
            .await;
            let leader = cluster.leader().await;
            let others: Vec<_> = cluster
                .rafts()
                .into_iter()
                .filter(|raft| raft.status().borrow().id != leader)
                .collect();
            let write = tokio::spawn(async move {
                sleep(Duration::from_millis(1)).await;
                write_somewhere(others, Bytes::from_static(b"meanwhile")).await
            });
            cluster.stop(leader).await;
            let silence = write.await.expect("written");
            cluster.agree().await;
            silence
        })
    };
    report(
        "3 voters, planned stop",
        (100..140).map(|seed| stop(seed, 3)).collect(),
    );
    report(
        "5 voters, planned stop",
        (100..115).map(|seed| stop(seed, 5)).collect(),
    );
}

#[test]
fn a_node_that_was_cut_off_catches_up_by_snapshot() {
    run(1, async {
        let mut cluster = Cluster::with_voters(1, 1..=3).await;
        let leader = cluster.leader().await;
        let late = id(if leader == id(2) { 3 } else { 2 });
        cluster.cut_off(late);
        for _ in 0..3_000 {
            cluster.write().await;
        }
        cluster.raft(leader).snapshot_now().await.expect("running");
        sleep(Duration::from_secs(2)).await;
        cluster.heal();
        cluster.agree().await;
        let chunks = cluster.calls()["raft/snapshot"];
        assert!(chunks > 30, "a snapshot in {chunks} calls");
        cluster.kill(late);
        cluster.start(late).await;
        assert!(
            cluster.journal(late).entries().len() >= 3_000,
            "the snapshot is there after a crash"
        );
        cluster.write().await;
        cluster.agree().await;
    });
}

#[test]
fn a_node_that_was_cut_off_does_not_disturb_when_it_returns() {
    run(2, async {
        let mut cluster = Cluster::with_voters(2, 1..=3).await;
        let leader = cluster.leader().await;
        let apart = id(if leader == id(2) { 3 } else { 2 });
        let before = cluster.until(leader, |_| true).await;
        cluster.cut_off(apart);
        sleep(Duration::from_secs(2)).await;
        let written = cluster.medium(apart).activity();
        sleep(Duration::from_secs(60)).await;
        assert_eq!(
            cluster.medium(apart).activity(),
            written,
            "it does not write votes it cannot win"
        );
        cluster.heal();
        sleep(Duration::from_secs(5)).await;
        cluster.write().await;
        cluster.agree().await;
        let after = cluster.until(leader, |_| true).await;
        assert_eq!(
            (after.term, after.leader),
            (before.term, before.leader),
            "the leader stays"
        );
    });
}

#[test]
fn a_leader_without_majority_says_so() {
    run(3, async {
        let mut cluster = Cluster::with_voters(3, 1..=3).await;
        let old = cluster.leader().await;
        cluster.cut_off(old);
        assert_eq!(
            cluster.raft(old).confirm_leadership().await,
            Err(ProposeError::NoQuorum)
        );
        sleep(Duration::from_secs(3)).await;
        assert_eq!(
            cluster.raft(old).propose(Bytes::from_static(b"lost")).await,
            Err(ProposeError::NoQuorum)
        );
        cluster.write().await;
        cluster.heal();
        cluster
            .until(old, |status| status.role == Role::Follower)
            .await;
        cluster.agree().await;
        let entries = cluster.journal(old).entries();
        assert!(!entries.contains(&Bytes::from_static(b"lost")));
    });
}

#[test]
fn an_idle_cluster_writes_nothing() {
    run(4, async {
        let cluster = Cluster::with_voters(4, 1..=5).await;
        sleep(Duration::from_secs(5)).await;
        let before: Vec<_> = (1..=5)
            .map(|node| cluster.medium(id(node)).activity())
            .collect();
        let (calls, start) = (cluster.calls(), Instant::now());
        sleep(Duration::from_secs(120)).await;
        let after: Vec<_> = (1..=5)
            .map(|node| cluster.medium(id(node)).activity())
            .collect();
        assert_eq!(before, after);
        let rate = (cluster.calls()["raft/append"] - calls["raft/append"]) as f64
            / start.elapsed().as_secs_f64();
        println!("5 idle voters: {rate:.1} calls a second");
        assert!(rate < 14.0, "{rate}");
    });
}

#[test]
fn nothing_is_lost_when_all_lose_power_again_and_again() {
    for seed in 200..206 {
        run(seed, async move {
            let mut cluster = Cluster::with_voters(seed, 1..=3).await;
            let mut rng = StdRng::seed_from_u64(seed);
            for _ in 0..8 {
                for _ in 0..rng.gen_range(1..10) {
                    cluster.write().await;
                }
                let all = rng.gen_bool(0.5);
                let some = id(rng.gen_range(1..=3));
                for node in (1..=3).map(id).filter(|node| all || *node == some) {
                    cluster.kill(node);
                }
                for node in (1..=3).map(id).filter(|node| all || *node == some) {
                    cluster.start(node).await;
                }
            }
            cluster.write().await;
            cluster.agree().await;
        });
    }
}

/// openraft would let the restarted leader go on in its old term, knowing only of the entries it has applied so far.
#[test]
fn a_leader_that_restarts_confirms_all_that_was_acknowledged() {
    for seed in 300..310 {
        run(seed, async move {
            let mut cluster = Cluster::with_voters(seed, 1..=3).await;
            for _ in 0..20 {
                cluster.write().await;
            }
            let leader = cluster.leader().await;
            let acknowledged = cluster.journal(leader).entries().len() as u64;
            for node in (1..=3).map(id) {
                cluster.kill(node);
            }
            for node in (1..=3).map(id) {
                cluster.start(node).await;
            }
            loop {
                for raft in cluster.rafts() {
                    if let Ok(index) = raft.confirm_leadership().await {
                        assert!(index >= acknowledged, "{index} of {acknowledged}");
                        return;
                    }
                }
                sleep(Duration::from_millis(1)).await;
            }
        });
    }
}

#[test]
fn a_run_replays_from_its_seed() {
    let history = || {
        run(77, async {
            let mut cluster = Cluster::with_voters(77, 1..=3).await;
            let leader = cluster.leader().await;
            cluster.kill(leader);
            let silence = cluster.write().await;
            (leader, cluster.leader().await, silence, cluster.calls())
        })
    };
    assert_eq!(history(), history());
}
