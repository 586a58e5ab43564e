//! Proposals: those that arrive while one is being made durable share the next write.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use openraft::error::ClientWriteError;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::error::leader_of;
use super::{Applied, ProposeError, Raft};
use crate::types::{Batch, Inner};

/// How many proposals wait for their batch before `propose` itself waits.
pub(super) const QUEUE: usize = 1024;
const BATCH_ENTRIES: usize = 256;
const BATCH_BYTES: usize = 512 << 10;
/// One batch is being written while the other is being replicated.
const BATCHES_UNDER_WAY: usize = 2;
/// Far above any sensible entry, below what one call can carry in time.
const ENTRY_BYTES: usize = 1 << 20;

pub(super) struct Proposal {
    entry: Bytes,
    reply: oneshot::Sender<Result<Applied, ProposeError>>,
}

impl Raft {
    /// Proposes an entry; returns once it is agreed on, durable on a majority and applied here.
    pub async fn propose(&self, entry: Bytes) -> Result<Applied, ProposeError> {
        if entry.len() > ENTRY_BYTES {
            return Err(ProposeError::TooLarge {
                size: entry.len(),
                limit: ENTRY_BYTES,
            });
        }
        self.check_leadership()?;
        let stopped = || ProposeError::Stopped {
            reason: "it was told to".to_owned(),
        };
        let limit = self.0.timings.propose;
        let agreed = async {
            let (reply, result) = oneshot::channel();
            self.0
                .proposals
                .send(Proposal { entry, reply })
                .await
                .map_err(|_| stopped())?;
            result.await.map_err(|_| stopped())?
        };
        tokio::time::timeout(limit, agreed)
            .await
            .unwrap_or(Err(ProposeError::Timeout { limit }))
    }

    /// Asks a majority whether this node still leads, and waits until all that was agreed on before is applied here.
    /// Returns the index of the last entry that is.
    pub async fn confirm_leadership(&self) -> Result<u64, ProposeError> {
        self.check_leadership()?;
        let limit = self.0.timings.propose;
        let confirmed = tokio::time::timeout(limit, self.0.inner.ensure_linearizable()).await;
        confirmed.map_err(|_| ProposeError::Timeout { limit })??;
        Ok(*self.0.progress.applied.borrow())
    }

    /// Refuses at once what cannot succeed.
    pub(super) fn check_leadership(&self) -> Result<(), ProposeError> {
        // Copied out: a second look while this one is held would deadlock with a writer that waits in between.
        let (leads, leader) = {
            let status = self.0.status.borrow();
            (status.is_leader(), status.leader)
        };
        if leads && !self.0.leaving.load(Ordering::Relaxed) {
            return self.check_quorum();
        }
        Err(ProposeError::NotLeader {
            leader: leader.filter(|leader| *leader != self.0.id),
        })
    }

    /// Whether this node leads and heard of a majority just now.
    pub fn has_quorum(&self) -> bool {
        self.check_leadership().is_ok()
    }

    fn check_quorum(&self) -> Result<(), ProposeError> {
        let silence = self.0.inner.data_metrics().borrow().millis_since_quorum_ack;
        let limit = self.0.timings.lease * 2;
        if self.0.status.borrow().voters.len() > 1
            && silence.map(Duration::from_millis) > Some(limit)
        {
            return Err(ProposeError::NoQuorum);
        }
        Ok(())
    }
}

/// Gathers proposals into batches and hands the replies back.
pub(super) async fn batches(inner: Inner, mut queue: mpsc::Receiver<Proposal>) {
    let slots = Arc::new(Semaphore::new(BATCHES_UNDER_WAY));
    let mut next = None;
    loop {
        // The slot first: what arrives while none is free joins the batch.
        let Ok(slot) = slots.clone().acquire_owned().await else {
            return;
        };
        let Some(first) = (match next.take() {
            Some(proposal) => Some(proposal),
            None => queue.recv().await,
        }) else {
            return;
        };
        let mut batch = vec![first];
        let mut bytes = batch[0].entry.len();
        while batch.len() < BATCH_ENTRIES
            && let Ok(proposal) = queue.try_recv()
        {
            bytes += proposal.entry.len();
            if bytes > BATCH_BYTES {
                next = Some(proposal);
                break;
            }
            batch.push(proposal);
        }
        // Whoever stopped waiting was told that it failed or timed out; there is no need to make it happen.
        batch.retain(|proposal| !proposal.reply.is_closed());
        if batch.is_empty() {
            continue;
        }
        let inner = inner.clone();
        hm_ports::task::spawn(async move {
            write(&inner, batch).await;
            drop(slot);
        });
    }
}

async fn write(inner: &Inner, batch: Vec<Proposal>) {
    let (entries, waiting): (Vec<_>, Vec<_>) = batch
        .into_iter()
        .map(|proposal| (proposal.entry, proposal.reply))
        .unzip();
    let written = match inner.client_write_ff(Batch(entries)).await {
        Ok(answer) => answer
            .await
            .map_err(|_| "it stopped before the entry was applied".to_owned()),
        Err(fatal) => Err(fatal.to_string()),
    };
    let error = match written {
        Ok(Ok(applied)) => {
            let replies = (applied.data.first_index..).zip(applied.data.replies);
            for (waiting, (index, reply)) in waiting.into_iter().zip(replies) {
                // Nobody may wait any more.
                let _ = waiting.send(Ok(Applied { index, reply }));
            }
            return;
        }
        Ok(Err(ClientWriteError::ForwardToLeader(forward))) => ProposeError::LeadershipLost {
            leader: leader_of(&forward),
        },
        Ok(Err(ClientWriteError::ChangeMembershipError(error))) => ProposeError::Stopped {
            reason: error.to_string(),
        },
        Err(reason) => ProposeError::Stopped { reason },
    };
    for waiting in waiting {
        let _ = waiting.send(Err(error.clone()));
    }
}
