//! A planned stop: the leader finds a successor before it goes.
//!
//! openraft has no leader transfer, and followers refuse elections inside the leader's lease. But the leader itself does not:
//! so it stops taking proposals, waits until one follower has all entries, asks it to stand, and votes for it. With three
//! voters that is a majority at once; with five the others join when the lease they hold runs out, for heartbeats stop.

use std::sync::atomic::Ordering;
use std::time::Duration;

use hm_model::NodeId;
use openraft::ServerState;

use super::{Raft, Running};
use crate::record::{FORMAT, PlaceRecord, VoteRecord};
use crate::store::StoreError;
use crate::wire::{self, Purpose};

impl Raft {
    /// Hands leadership over if this node has it, then stops and closes the store.
    pub async fn shutdown(&self) {
        self.halt().await;
        self.0.store.close().await;
    }

    /// Stops as [`Raft::shutdown`] does, and answers how many entries lie on this disk, agreed on or not.
    ///
    /// A server that was let go may still have taken entries of a time when it was chosen again: it may forget its log only
    /// if it knows of everything in it.
    pub async fn retire(&self) -> Result<u64, StoreError> {
        self.halt().await;
        let held = self.0.store.held().await;
        self.0.store.close().await;
        held
    }

    async fn halt(&self) {
        self.hand_over().await;
        // Each of these holds a handle or a queue of this raft; none may outlive it.
        self.0.tasks.lock().await.shutdown().await;
        if let Err(error) = self.0.inner.shutdown().await {
            tracing::warn!(%error, "raft did not stop in order");
        }
        let mut status = self.0.status.clone();
        // The publisher may be gone before; then there is nothing to wait for.
        let _ = status
            .wait_for(|status| status.running != Running::Yes)
            .await;
    }

    /// Returns when another node leads, or when waiting longer makes no sense.
    pub(super) async fn hand_over(&self) {
        self.0.leaving.store(true, Ordering::Relaxed);
        let voters = self.0.status.borrow().voters.clone();
        if !self.0.status.borrow().is_leader() || voters.iter().all(|voter| *voter == self.0.id) {
            return;
        }
        let timings = &self.0.timings;
        let limit = timings.lease + timings.pause_max * 2;
        if tokio::time::timeout(limit, self.find_successor(voters.into_iter().collect()))
            .await
            .is_err()
        {
            tracing::warn!("no other server took over in time");
        }
    }

    /// Takes part again after handing over without stopping.
    pub(super) fn stay(&self) {
        self.0.inner.runtime_config().heartbeat(true);
        self.0.leaving.store(false, Ordering::Relaxed);
    }

    async fn find_successor(&self, voters: Vec<NodeId>) {
        let Some(successor) = self.wait_for_successor(&voters).await else {
            return;
        };
        self.0.inner.runtime_config().heartbeat(false);
        let metrics = self.0.inner.server_metrics();
        let vote = VoteRecord::from(&metrics.borrow().vote);
        let last = self
            .0
            .inner
            .data_metrics()
            .borrow()
            .last_log
            .map(PlaceRecord::from);
        let request = wire::VoteRequest {
            format: FORMAT,
            purpose: Purpose::Handover,
            vote,
            last,
        };
        let asked = self.0.network.call_within::<_, wire::VoteReply>(
            successor,
            wire::VOTE,
            &request,
            Duration::from_millis(500),
        );
        if let Err(error) = asked.await {
            tracing::warn!(%error, "the successor did not answer");
        }
        let mut metrics = metrics;
        let me = Some(self.0.id.as_u64());
        let followed = metrics.wait_for(|now| {
            now.state != ServerState::Leader
                && now.current_leader.is_some_and(|leader| Some(leader) != me)
        });
        // Raft may have stopped by itself; then there is nothing to hand over.
        let _ = followed.await;
    }

    /// The first voter that has every entry of this leader.
    async fn wait_for_successor(&self, voters: &[NodeId]) -> Option<NodeId> {
        let mut metrics = self.0.inner.data_metrics();
        loop {
            {
                let now = metrics.borrow_and_update();
                let replication = now.replication.as_ref()?;
                let has_all = |node: &&NodeId| {
                    **node != self.0.id
                        && replication.get(&node.as_u64()).copied().flatten() == now.last_log
                };
                if let Some(successor) = voters.iter().find(has_all) {
                    return Some(*successor);
                }
            }
            metrics.changed().await.ok()?;
        }
    }
}
