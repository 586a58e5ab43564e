//! openraft's calls to other servers, over the transport.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use hm_model::NodeId;
use hm_ports::{AddressBook, CallError, Method, Peer, Transport};
use openraft::error::{Fatal, RPCError, RaftError, ReplicationClosed, StreamingError, Unreachable};
use openraft::network::{Backoff, RPCOption};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, VoteRequest, VoteResponse,
};
use openraft::{EmptyNode, RaftNetwork, RaftNetworkFactory};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::logstore::read_failed;
use crate::record::{
    self, Blob, EntryRecord, FORMAT, PlaceRecord, RecordError, SnapshotRecord, VoteRecord,
};
use crate::store::StoredSnapshot;
use crate::types::{Snapshot, TypeConfig, Vote};
use crate::wire::{self, AppendOutcome, Purpose, SnapshotReply, SnapshotRequest, SnapshotStep};

/// How long an unreachable node is left alone.
const BACKOFF: Duration = Duration::from_millis(150);

/// Calls to any server.
#[derive(Clone)]
pub(crate) struct Network {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) addresses: Arc<dyn AddressBook>,
    /// The limit for one chunk of a snapshot, and for its installation.
    pub(crate) chunk_limit: Duration,
    pub(crate) install_limit: Duration,
}

/// Calls to one server.
pub(crate) struct Connection {
    network: Network,
    target: NodeId,
}

#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum NetworkError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("node {node} answered {method} with a record that cannot be read")]
    Answer {
        node: NodeId,
        method: Method,
        source: RecordError,
    },
    #[error("the request cannot be encoded")]
    Encode { source: RecordError },
    #[error("node {node} did not answer {method} in {limit:?}")]
    Late {
        node: NodeId,
        method: Method,
        limit: Duration,
    },
}

impl Network {
    /// One call, without a limit of its own.
    pub(crate) async fn call<Q: Serialize, A: DeserializeOwned>(
        &self,
        node: NodeId,
        method: Method,
        request: &Q,
    ) -> Result<A, NetworkError> {
        let body: Bytes = record::to_cbor(request)
            .map_err(|source| NetworkError::Encode { source })?
            .into();
        let peer = Peer {
            id: node,
            addresses: self.addresses.addresses(node),
        };
        let reply = self.transport.call(peer, method, body).await?;
        record::from_cbor(&reply).map_err(|source| NetworkError::Answer {
            node,
            method,
            source,
        })
    }

    pub(crate) async fn call_within<Q: Serialize, A: DeserializeOwned>(
        &self,
        node: NodeId,
        method: Method,
        request: &Q,
        limit: Duration,
    ) -> Result<A, NetworkError> {
        let late = || NetworkError::Late {
            node,
            method,
            limit,
        };
        tokio::time::timeout(limit, self.call(node, method, request))
            .await
            .map_err(|_| late())?
    }
}

impl RaftNetworkFactory<TypeConfig> for Network {
    type Network = Connection;

    async fn new_client(&mut self, target: u64, _node: &EmptyNode) -> Connection {
        Connection {
            network: self.clone(),
            target: NodeId::from_u64(target),
        }
    }
}

type Failure<E> = RPCError<u64, EmptyNode, E>;

impl RaftNetwork<TypeConfig> for Connection {
    async fn append_entries(
        &mut self,
        rpc: AppendEntriesRequest<TypeConfig>,
        _option: RPCOption,
    ) -> Result<AppendEntriesResponse<u64>, Failure<RaftError<u64>>> {
        let request = wire::AppendRequest {
            format: FORMAT,
            vote: VoteRecord::from(&rpc.vote),
            previous: rpc.prev_log_id.map(PlaceRecord::from),
            committed: rpc.leader_commit.map(PlaceRecord::from),
            entries: rpc.entries.iter().map(EntryRecord::from).collect(),
        };
        let reply: wire::AppendReply = self
            .network
            .call(self.target, wire::APPEND, &request)
            .await
            .map_err(|error| Unreachable::new(&error))?;
        Ok(match reply.outcome {
            AppendOutcome::Success => AppendEntriesResponse::Success,
            AppendOutcome::Partial(upto) => {
                AppendEntriesResponse::PartialSuccess(upto.map(PlaceRecord::log_id))
            }
            AppendOutcome::Conflict => AppendEntriesResponse::Conflict,
            AppendOutcome::HigherVote(vote) => AppendEntriesResponse::HigherVote(vote.vote()),
        })
    }

    async fn vote(
        &mut self,
        rpc: VoteRequest<u64>,
        _option: RPCOption,
    ) -> Result<VoteResponse<u64>, Failure<RaftError<u64>>> {
        let request = wire::VoteRequest {
            format: FORMAT,
            purpose: Purpose::Election,
            vote: VoteRecord::from(&rpc.vote),
            last: rpc.last_log_id.map(PlaceRecord::from),
        };
        let reply: wire::VoteReply = self
            .network
            .call(self.target, wire::VOTE, &request)
            .await
            .map_err(|error| Unreachable::new(&error))?;
        Ok(VoteResponse::new(
            reply.vote.vote(),
            reply.last.map(PlaceRecord::log_id),
            reply.granted,
        ))
    }

    async fn full_snapshot(
        &mut self,
        vote: Vote,
        snapshot: Snapshot,
        cancel: impl Future<Output = ReplicationClosed> + Send + 'static,
        _option: RPCOption,
    ) -> Result<SnapshotResponse<u64>, StreamingError<TypeConfig, Fatal<u64>>> {
        let sending = std::pin::pin!(self.send_snapshot(vote, &snapshot.snapshot));
        let cancel = std::pin::pin!(cancel);
        match select(cancel, sending).await {
            Either::Left((closed, _)) => Err(closed.into()),
            Either::Right((sent, _)) => sent,
        }
    }

    fn backoff(&self) -> Backoff {
        Backoff::new(std::iter::repeat(BACKOFF))
    }
}

impl Connection {
    /// Sends chunk after chunk, from the one the other side wants. An error ends this attempt; the next one goes on there.
    async fn send_snapshot(
        &self,
        vote: Vote,
        snapshot: &StoredSnapshot,
    ) -> Result<SnapshotResponse<u64>, StreamingError<TypeConfig, Fatal<u64>>> {
        let record = snapshot.record();
        let mut reply = self.snapshot_step(vote, record, SnapshotStep::Ask).await?;
        while reply.next < record.chunks {
            if reply.vote.vote() > vote {
                return Ok(SnapshotResponse::new(reply.vote.vote()));
            }
            let number = reply.next;
            let bytes = snapshot
                .chunk(number)
                .await
                .map_err(|error| read_failed(&error))?;
            reply = self
                .snapshot_step(
                    vote,
                    record,
                    SnapshotStep::Chunk {
                        number,
                        bytes: Blob(bytes),
                    },
                )
                .await?;
        }
        if reply.vote.vote() <= vote {
            reply = self
                .snapshot_step(vote, record, SnapshotStep::Install)
                .await?;
        }
        Ok(SnapshotResponse::new(reply.vote.vote()))
    }

    async fn snapshot_step(
        &self,
        vote: Vote,
        snapshot: &SnapshotRecord,
        step: SnapshotStep,
    ) -> Result<SnapshotReply, Unreachable> {
        let limit = match step {
            SnapshotStep::Ask | SnapshotStep::Chunk { .. } => self.network.chunk_limit,
            SnapshotStep::Install => self.network.install_limit,
        };
        let request = SnapshotRequest {
            format: FORMAT,
            vote: VoteRecord::from(&vote),
            snapshot: snapshot.clone(),
            step,
        };
        let reply = self
            .network
            .call_within(self.target, wire::SNAPSHOT, &request, limit)
            .await;
        reply.map_err(|error| Unreachable::new(&error))
    }
}
