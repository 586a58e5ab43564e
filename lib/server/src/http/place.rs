//! Where requests are answered: by the server on this node, or by another node.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::response::Response;
use futures_util::future::BoxFuture;
use hm_api::health::HealthCheck;
use hm_control::Gossip;
use hm_model::{NodeId, Timestamp};
use hm_protocol::server::Proposal;
use hm_state::Done;

use super::forward::{ForwardError, Forwarded};
use crate::core::Core;
use crate::error::ProposeError;
use crate::sightings::Seen;
use crate::store::Store;

/// What the door asks of the node it belongs to.
pub trait Place: Send + Sync + 'static {
    /// The server on this node, once it can answer.
    fn server(&self) -> Option<Arc<dyn Server>>;

    /// Hands a request to a server on another node and brings back its answer, which may be a stream.
    fn forward(&self, request: Forwarded) -> BoxFuture<'static, Result<Response, ForwardError>>;

    /// Whether the agent of this node has a stream to a server.
    fn linked(&self) -> bool;

    /// When the certificate of this node ends, if it has one.
    fn certificate_expires_at(&self) -> Option<Timestamp>;

    /// What else the node knows about its own health.
    fn checks(&self) -> Vec<HealthCheck>;
}

/// What the handlers ask of a server. [`crate::core::Core`] is one; tests have a smaller one.
pub trait Server: Send + Sync + 'static {
    fn store(&self) -> &Arc<Store>;

    /// Agrees on a change, wherever the leader is, and comes back when this server has applied it.
    fn propose(&self, proposal: Proposal) -> BoxFuture<'_, Result<Done, ProposeError>>;

    fn leadership(&self) -> Leadership;

    /// What this server sees of a node.
    fn seen(&self, node: NodeId) -> Seen;

    /// The nodes that answer, as far as this server knows.
    fn reachable(&self) -> BTreeSet<NodeId>;

    /// The wall clock, but never before the last entry.
    fn now(&self) -> Timestamp;
}

/// Who leads and who votes, as this server knows.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Leadership {
    pub leader: Option<NodeId>,
    pub voters: BTreeSet<NodeId>,
    /// Nodes that do not answer this server at the moment, whatever is agreed on about them.
    pub doubted: BTreeSet<NodeId>,
}

impl Server for Core {
    fn store(&self) -> &Arc<Store> {
        Core::store(self)
    }

    fn propose(&self, proposal: Proposal) -> BoxFuture<'_, Result<Done, ProposeError>> {
        Box::pin(Core::propose(self, proposal))
    }

    fn leadership(&self) -> Leadership {
        let status = self.raft().status().borrow().clone();
        let answers = |node: &NodeId| {
            *node == self.id() || self.sightings().of(*node).gossip == Some(Gossip::Alive)
        };
        let quorum =
            status.voters.iter().filter(|voter| answers(voter)).count() > status.voters.len() / 2;
        Leadership {
            // Cut off from the others, raft goes on believing in the last leader; people should not.
            leader: status.leader.filter(|leader| quorum && answers(leader)),
            voters: status.voters,
            doubted: self.sightings().doubted(),
        }
    }

    fn seen(&self, node: NodeId) -> Seen {
        self.sightings().of(node)
    }

    fn reachable(&self) -> BTreeSet<NodeId> {
        self.sightings().reachable()
    }

    fn now(&self) -> Timestamp {
        Core::now(self)
    }
}
