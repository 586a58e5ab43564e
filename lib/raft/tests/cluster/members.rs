//! Voters that come and go.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use hm_ports::Refusal;
use hm_raft::{ChangeError, InitializeError, ProposeError};
use tokio::time::sleep;

use crate::world::{Cluster, id, run};

fn set(nodes: impl IntoIterator<Item = u64>) -> BTreeSet<hm_model::NodeId> {
    nodes.into_iter().map(id).collect()
}

#[test]
fn one_three_five_three_voters() {
    run(1, async {
        let mut cluster = Cluster::with_voters(1, [1]).await;
        for node in 2..=5 {
            cluster.start(id(node)).await;
        }
        for voters in [set(1..=3), set(1..=5), set([2, 4, 5])] {
            for _ in 0..20 {
                cluster.write().await;
            }
            let leader = cluster.leader().await;
            cluster
                .raft(leader)
                .change_voters(voters.clone())
                .await
                .expect("all are up");
            cluster.write().await;
            let leader = cluster.leader().await;
            let status = cluster.until(leader, |_| true).await;
            assert_eq!(status.voters, voters);
            assert_eq!(status.learners, set([]));
            assert!(voters.contains(&leader));
        }
        for gone in [1, 3] {
            cluster.kill(id(gone));
        }
        cluster.write().await;
        cluster.agree().await;
    });
}

#[test]
fn a_removed_leader_hands_over() {
    run(2, async {
        let mut cluster = Cluster::with_voters(2, 1..=3).await;
        let leader = cluster.leader().await;
        let rest: BTreeSet<_> = set(1..=3)
            .into_iter()
            .filter(|node| *node != leader)
            .collect();
        cluster
            .raft(leader)
            .change_voters(rest.clone())
            .await
            .expect("all are up");
        let silence = cluster.write().await;
        assert!(silence < Duration::from_secs(2), "{silence:?}");
        let next = cluster.leader().await;
        assert!(rest.contains(&next));
        let written = cluster.medium(next).activity();
        cluster
            .raft(next)
            .change_voters(rest.clone())
            .await
            .expect("nothing to do");
        assert_eq!(
            cluster.medium(next).activity(),
            written,
            "the same voters again cost nothing"
        );
        // It knows no better than to want votes for ever; nobody may be disturbed by that.
        let before = cluster.until(cluster.leader().await, |_| true).await;
        sleep(Duration::from_secs(60)).await;
        let after = cluster.until(cluster.leader().await, |_| true).await;
        assert_eq!((before.term, before.leader), (after.term, after.leader));
        let next = cluster.leader().await;
        cluster
            .raft(next)
            .change_voters(set(1..=3))
            .await
            .expect("it is back");
        cluster.kill(next);
        cluster.write().await;
        cluster.agree().await;
    });
}

#[test]
fn a_newcomer_that_does_not_answer_does_not_stay() {
    run(3, async {
        let mut cluster = Cluster::with_voters(3, 1..=3).await;
        let leader = cluster.leader().await;
        let error = cluster
            .raft(leader)
            .change_voters(set(1..=4))
            .await
            .expect_err("node 4 does not exist");
        assert!(
            matches!(error, ChangeError::TooSlow { ref late, .. } if *late == set([4])),
            "{error}"
        );
        let status = cluster
            .until(leader, |status| status.learners.is_empty())
            .await;
        assert_eq!(status.voters, set(1..=3));
        cluster.write().await;
        cluster.agree().await;
    });
}

#[test]
fn only_the_leader_and_only_once() {
    run(4, async {
        let cluster = Cluster::with_voters(4, 1..=3).await;
        let leader = cluster.leader().await;
        let follower = id(if leader == id(2) { 3 } else { 2 });
        cluster
            .until(follower, |status| status.leader == Some(leader))
            .await;
        let elsewhere = ProposeError::NotLeader {
            leader: Some(leader),
        };
        assert_eq!(
            cluster.raft(follower).propose(Bytes::new()).await,
            Err(elsewhere.clone())
        );
        assert_eq!(
            cluster.raft(follower).change_voters(set([1])).await,
            Err(ChangeError::Propose(elsewhere))
        );
        assert_eq!(
            cluster.raft(leader).change_voters(set([])).await,
            Err(ChangeError::NoVoters)
        );
        assert_eq!(
            cluster.raft(leader).initialize().await,
            Err(InitializeError::AlreadyInitialized)
        );
    });
}

#[test]
fn nobody_speaks_for_another() {
    run(5, async {
        let cluster = Cluster::with_voters(5, 1..=3).await;
        let leader = cluster.leader().await;
        for method in ["raft/append", "raft/vote", "raft/snapshot", "raft/else"] {
            for body in [
                &b""[..],
                b"\xa0",
                b"\xff\xff",
                b"\xa1fformat\x09",
                b"\x81\x00",
            ] {
                let answer = cluster
                    .raft(leader)
                    .serve(id(9), method, Bytes::from_static(body))
                    .await;
                let Err(Refusal { code, .. }) = answer else {
                    panic!("{method} {body:?}: answered")
                };
                let expected = ["wrong_sender", "invalid", "newer_format", "unknown_method"];
                assert!(expected.contains(&code.as_str()), "{code}");
            }
        }
    });
}
