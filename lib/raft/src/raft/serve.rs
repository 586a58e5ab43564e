//! Calls from other servers. A node speaks only for itself: whoever claims to be another is refused.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use hm_model::NodeId;
use hm_ports::Refusal;
use openraft::ServerState;
use openraft::raft::{AppendEntriesRequest, AppendEntriesResponse, VoteRequest};
use serde::Serialize;
use tokio::time::Instant;

use super::Raft;
use crate::record::{
    self, EntryRecord, FORMAT, PlaceRecord, RecordError, SnapshotRecord, VoteRecord,
};
use crate::store::{Building, StoreError};
use crate::types::{LogId, Snapshot, Vote};
use crate::wire::{self, AppendOutcome, Purpose, SnapshotReply, SnapshotRequest, SnapshotStep};

/// A snapshot that is being received. It survives broken calls, so that the sender can go on.
pub(super) struct Incoming {
    from: NodeId,
    snapshot: SnapshotRecord,
    building: Building,
}

impl Raft {
    /// Answers one call. `from` is who the transport proved the caller to be.
    pub async fn serve(&self, from: NodeId, method: &str, body: Bytes) -> Result<Bytes, Refusal> {
        match method {
            wire::APPEND => self.serve_append(from, decode(&body)?).await,
            wire::VOTE => self.serve_vote(from, decode(&body)?).await,
            wire::SNAPSHOT => self.serve_snapshot(from, decode(&body)?).await,
            other => Err(Refusal::new(
                "unknown_method",
                format!("raft knows no method {other}"),
            )),
        }
    }

    async fn serve_append(
        &self,
        from: NodeId,
        request: wire::AppendRequest,
    ) -> Result<Bytes, Refusal> {
        let vote = self.leaders_vote(from, &request.vote)?;
        // Heard now, not when the disk is done with it: a slow disk is no reason for an election.
        if self.0.inner.server_metrics().borrow().current_leader == Some(from.as_u64()) {
            self.0.contact.touch();
        }
        let request = AppendEntriesRequest {
            vote,
            prev_log_id: request.previous.map(PlaceRecord::log_id),
            entries: request
                .entries
                .into_iter()
                .map(EntryRecord::entry)
                .collect(),
            leader_commit: request.committed.map(PlaceRecord::log_id),
        };
        let reply = self
            .0
            .inner
            .append_entries(request)
            .await
            .map_err(|error| stopped(&error))?;
        let outcome = match reply {
            AppendEntriesResponse::Success => AppendOutcome::Success,
            AppendEntriesResponse::PartialSuccess(upto) => {
                AppendOutcome::Partial(upto.map(PlaceRecord::from))
            }
            AppendEntriesResponse::Conflict => AppendOutcome::Conflict,
            AppendEntriesResponse::HigherVote(vote) => {
                AppendOutcome::HigherVote(VoteRecord::from(&vote))
            }
        };
        if !matches!(outcome, AppendOutcome::HigherVote(_)) {
            self.0.contact.touch();
        }
        encode(&wire::AppendReply {
            format: FORMAT,
            outcome,
        })
    }

    async fn serve_vote(&self, from: NodeId, request: wire::VoteRequest) -> Result<Bytes, Refusal> {
        claims(from, &request.vote)?;
        match request.purpose {
            Purpose::Election => self.serve_election(request).await,
            Purpose::Probe => encode(&self.probed(&request)),
            Purpose::Handover => {
                if self.0.inner.server_metrics().borrow().current_leader == Some(from.as_u64()) {
                    self.0.contact.handover.notify_one();
                }
                encode(&self.vote_reply(true))
            }
        }
    }

    async fn serve_election(&self, request: wire::VoteRequest) -> Result<Bytes, Refusal> {
        let last = request.last.map(PlaceRecord::log_id);
        if request.vote.committed {
            return Err(Refusal::new(
                "invalid",
                "a vote that is asked for cannot be won already",
            ));
        }
        let request = VoteRequest::new(request.vote.vote(), last);
        let reply = self
            .0
            .inner
            .vote(request)
            .await
            .map_err(|error| stopped(&error))?;
        encode(&wire::VoteReply {
            format: FORMAT,
            granted: reply.vote_granted,
            vote: VoteRecord::from(&reply.vote),
            last: reply.last_log_id.map(PlaceRecord::from),
        })
    }

    /// Would this node vote for the caller? Answered without touching anything.
    fn probed(&self, request: &wire::VoteRequest) -> wire::VoteReply {
        let (vote, leads) = {
            let metrics = self.0.inner.server_metrics();
            let metrics = metrics.borrow();
            (metrics.vote, metrics.state == ServerState::Leader)
        };
        let leader_is_alive = leads && !self.is_leaving()
            || vote.is_committed()
                && self.0.contact.heard() + self.0.timings.lease > Instant::now();
        let last: Option<LogId> = self.0.inner.data_metrics().borrow().last_log;
        // A higher term is no reason: who stands and meets one stands again above it. If it were, a vote that this node gave
        // itself and cannot win with would keep everyone else from standing for ever.
        let is_current = request.last.map(PlaceRecord::log_id) >= last;
        self.vote_reply(is_current && !leader_is_alive)
    }

    fn vote_reply(&self, granted: bool) -> wire::VoteReply {
        let vote = self.0.inner.server_metrics().borrow().vote;
        let last = self.0.inner.data_metrics().borrow().last_log;
        wire::VoteReply {
            format: FORMAT,
            granted,
            vote: VoteRecord::from(&vote),
            last: last.map(PlaceRecord::from),
        }
    }

    async fn serve_snapshot(
        &self,
        from: NodeId,
        request: SnapshotRequest,
    ) -> Result<Bytes, Refusal> {
        let vote = self.leaders_vote(from, &request.vote)?;
        let mine = self.0.inner.server_metrics().borrow().vote;
        if mine > vote {
            return encode(&SnapshotReply {
                format: FORMAT,
                vote: VoteRecord::from(&mine),
                next: 0,
            });
        }
        self.0.contact.touch();
        let mut incoming = self.0.incoming.lock().await;
        let known = incoming
            .take()
            .filter(|known| known.from == from && known.snapshot == request.snapshot);
        let mut known = known.unwrap_or_else(|| {
            let snapshot = request.snapshot.clone();
            Incoming {
                from,
                snapshot,
                building: self.0.store.build_snapshot(),
            }
        });
        if let SnapshotStep::Chunk { number, bytes } = &request.step
            && *number == known.building.chunks()
        {
            // A failing disk drops what was received: the sender begins anew.
            known
                .building
                .push(bytes.0.clone())
                .await
                .map_err(|error| disk_failed(&error))?;
        }
        let next = known.building.chunks();
        if request.step == SnapshotStep::Install && next == known.snapshot.chunks {
            drop(incoming);
            return self.install(vote, known).await;
        }
        let refused = request.step == SnapshotStep::Install;
        *incoming = Some(known);
        if refused {
            return Err(Refusal::new(
                "incomplete",
                format!("chunk {next} of the snapshot is missing"),
            ));
        }
        encode(&SnapshotReply {
            format: FORMAT,
            vote: VoteRecord::from(&mine),
            next,
        })
    }

    async fn install(&self, vote: Vote, received: Incoming) -> Result<Bytes, Refusal> {
        let next = received.snapshot.chunks;
        let snapshot = received.building.finish(received.snapshot);
        let snapshot = Snapshot {
            meta: snapshot.record().meta(),
            snapshot: Box::new(snapshot),
        };
        let reply = self
            .0
            .inner
            .install_full_snapshot(vote, snapshot)
            .await
            .map_err(|error| stopped(&error))?;
        encode(&SnapshotReply {
            format: FORMAT,
            vote: VoteRecord::from(&reply.vote),
            next,
        })
    }

    /// The vote of a leader: won, and by the caller. Two leaders of one term cannot be; who claims to be the second is refused.
    fn leaders_vote(&self, from: NodeId, vote: &VoteRecord) -> Result<Vote, Refusal> {
        claims(from, vote)?;
        if !vote.committed {
            return Err(Refusal::new("invalid", "only a leader may send this"));
        }
        let mine = self.0.inner.server_metrics().borrow().vote;
        if mine.is_committed()
            && mine.leader_id().term == vote.term
            && mine.leader_id().voted_for != vote.voted_for
        {
            return Err(Refusal::new(
                "second_leader",
                format!("term {} has another leader", vote.term),
            ));
        }
        Ok(vote.vote())
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.0.leaving.load(Ordering::Relaxed)
    }
}

fn claims(from: NodeId, vote: &VoteRecord) -> Result<(), Refusal> {
    if vote.voted_for == Some(from.as_u64()) {
        return Ok(());
    }
    Err(Refusal::new(
        "wrong_sender",
        format!("node {from} may speak only for itself"),
    ))
}

fn decode<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    record::from_cbor(body).map_err(|error| match error {
        RecordError::NewerFormat { .. } => Refusal::new("newer_format", error.to_string()),
        RecordError::Short
        | RecordError::Checksum { .. }
        | RecordError::Malformed(_)
        | RecordError::Misplaced(_) => Refusal::new("invalid", error.to_string()),
    })
}

fn encode<T: Serialize>(reply: &T) -> Result<Bytes, Refusal> {
    record::to_cbor(reply)
        .map(Bytes::from)
        .map_err(|error| Refusal::new("internal", error.to_string()))
}

fn stopped(error: &dyn std::error::Error) -> Refusal {
    Refusal::new("stopped", error.to_string())
}

fn disk_failed(error: &StoreError) -> Refusal {
    Refusal::new("disk_failed", error.to_string())
}
