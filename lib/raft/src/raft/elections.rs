//! When this node asks for votes. openraft would draw its patience once a process and look every tick, so two nodes that
//! collide once would collide for ever; here it is drawn anew each time, and nobody asks for votes who would not get them.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hm_model::NodeId;
use openraft::{AsyncRuntime, ServerState};
use rand08::Rng;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::Raft;
use crate::record::{FORMAT, PlaceRecord, VoteRecord};
use crate::runtime::Runtime;
use crate::types::Vote;
use crate::wire::{self, Purpose};

/// When the leader was last heard of, and whether it asked this node to take over.
pub(super) struct Contact {
    heard: Mutex<Instant>,
    pub(super) handover: Notify,
}

impl Contact {
    pub(super) fn new() -> Self {
        // At the start as if just heard: voters that restart refuse elections for one lease, too.
        Self {
            heard: Mutex::new(Instant::now()),
            handover: Notify::new(),
        }
    }

    pub(super) fn touch(&self) {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    pub(super) fn heard(&self) -> Instant {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What matters for elections now.
struct View {
    may_stand: bool,
    vote: Vote,
    /// One set of voters, or two during a change: a majority of each is needed.
    voters: Vec<BTreeSet<u64>>,
}

/// Stands for election whenever the leader was silent for too long. Runs until raft stops.
pub(super) async fn elections(raft: Raft) {
    let mut metrics = raft.0.inner.server_metrics();
    let mut pause = draw(&raft);
    // The last time something happened that starts a new round: an attempt, or a vote for somebody else.
    let mut round = Instant::now();
    let mut last_vote = None;
    loop {
        let view = view(&raft, &metrics.borrow_and_update());
        if last_vote
            .replace(view.vote)
            .is_some_and(|before| before != view.vote)
        {
            round = Instant::now();
        }
        if !view.may_stand {
            if metrics.changed().await.is_err() {
                return;
            }
            continue;
        }
        let lease = if view.vote.is_committed() {
            raft.0.timings.lease
        } else {
            Duration::ZERO
        };
        let alone = view.voters.iter().all(|set| set.len() == 1);
        let deadline = if alone {
            Instant::now()
        } else {
            round.max(raft.0.contact.heard() + lease) + pause
        };
        let asked = tokio::select! {
            changed = metrics.changed() => if changed.is_err() { return } else { continue },
            () = raft.0.contact.handover.notified() => true,
            () = tokio::time::sleep_until(deadline) => false,
        };
        if !asked && !alone && raft.0.contact.heard() + lease + pause > Instant::now() {
            // The leader was heard of meanwhile.
            continue;
        }
        pause = draw(&raft);
        let wanted = asked || alone || is_wanted(&raft, &view).await;
        if wanted && raft.0.inner.trigger().elect().await.is_err() {
            return;
        }
        round = Instant::now();
        if alone && wait_for_change(&mut metrics, pause).await.is_err() {
            return;
        }
    }
}

type Metrics = openraft::metrics::RaftServerMetrics<u64, openraft::EmptyNode>;

fn view(raft: &Raft, metrics: &Metrics) -> View {
    let membership = metrics.membership_config.membership();
    let is_voter = membership
        .voter_ids()
        .any(|voter| voter == raft.0.id.as_u64());
    View {
        may_stand: is_voter && metrics.state != ServerState::Leader && !raft.is_leaving(),
        vote: metrics.vote,
        voters: membership.get_joint_config().clone(),
    }
}

/// A lone voter that just stood has won as soon as its vote is on disk.
async fn wait_for_change(
    metrics: &mut tokio::sync::watch::Receiver<Metrics>,
    limit: Duration,
) -> Result<(), tokio::sync::watch::error::RecvError> {
    tokio::time::timeout(limit, metrics.changed())
        .await
        .unwrap_or(Ok(()))
}

fn draw(raft: &Raft) -> Duration {
    let timings = &raft.0.timings;
    Runtime::thread_rng().gen_range(timings.pause_min..=timings.pause_max)
}

/// Whether a majority would vote for this node now. Without this a node that was cut off would raise the term again and
/// again, write its votes to disk, and depose a working leader when it comes back.
async fn is_wanted(raft: &Raft, view: &View) -> bool {
    let me = raft.0.id.as_u64();
    let last = raft.0.inner.data_metrics().borrow().last_log;
    let vote = VoteRecord::from(&Vote::new(view.vote.leader_id().term + 1, me));
    let request = wire::VoteRequest {
        format: FORMAT,
        purpose: Purpose::Probe,
        vote,
        last: last.map(PlaceRecord::from),
    };
    let others: BTreeSet<u64> = view
        .voters
        .iter()
        .flatten()
        .copied()
        .filter(|voter| *voter != me)
        .collect();
    let limit = raft.0.timings.pause_max;
    let request = &request;
    let mut answers: FuturesUnordered<_> = others
        .into_iter()
        .map(|voter| async move {
            let node = NodeId::from_u64(voter);
            let reply = raft
                .0
                .network
                .call_within::<_, wire::VoteReply>(node, wire::VOTE, request, limit)
                .await;
            reply.is_ok_and(|reply| reply.granted).then_some(voter)
        })
        .collect();
    let mut willing = BTreeSet::from([me]);
    while !is_majority(&view.voters, &willing) {
        match answers.next().await {
            Some(answer) => willing.extend(answer),
            None => return false,
        }
    }
    true
}

fn is_majority(voters: &[BTreeSet<u64>], willing: &BTreeSet<u64>) -> bool {
    voters
        .iter()
        .all(|set| set.intersection(willing).count() * 2 > set.len())
}
