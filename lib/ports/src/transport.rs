//! Calls and links between nodes. Who is at the other end is proven by the transport, never claimed in a body.

use std::net::SocketAddr;

use bytes::Bytes;
use hm_model::NodeId;
use tokio::sync::mpsc;

use crate::BoxFuture;

/// Where a node can be reached: tried in order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Peer {
    pub id: NodeId,
    pub addresses: Vec<SocketAddr>,
}

/// Who can be reached where, as far as this node knows now.
pub trait AddressBook: Send + Sync + 'static {
    /// Empty when nothing is known; the call then fails as unreachable.
    fn addresses(&self, node: NodeId) -> Vec<SocketAddr>;
}

/// What is called: a short path such as `raft/append`, the same on every transport.
pub type Method = &'static str;

/// The calling side.
pub trait Transport: Send + Sync + 'static {
    /// One request, one answer. The caller bounds the time; dropping the future abandons the call.
    fn call(&self, to: Peer, method: Method, body: Bytes) -> BoxFuture<Result<Bytes, CallError>>;

    /// Opens a two-way stream of whole messages. `hello` is what the other side sees first.
    fn link(&self, to: Peer, method: Method, hello: Bytes) -> BoxFuture<Result<Link, CallError>>;
}

/// The called side: one per node.
pub trait Handler: Send + Sync + 'static {
    fn call(&self, from: NodeId, method: String, body: Bytes) -> BoxFuture<Result<Bytes, Refusal>>;

    /// Takes over the link for as long as it lives; returning closes it.
    fn link(
        &self,
        from: NodeId,
        method: String,
        hello: Bytes,
        link: Link,
    ) -> BoxFuture<Result<(), Refusal>>;
}

/// Two bounded queues of whole messages. When the other side is gone, `incoming` ends and `outgoing` refuses.
#[derive(Debug)]
pub struct Link {
    pub outgoing: mpsc::Sender<Bytes>,
    pub incoming: mpsc::Receiver<Bytes>,
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CallError {
    /// Nothing was delivered, or nobody knows: the call may be repeated only if it is safe to do twice.
    #[error("node {node} cannot be reached: {reason}")]
    Unreachable { node: NodeId, reason: String },
    /// The other side answered, with a no.
    #[error("node {node} refused: {refusal}")]
    Refused { node: NodeId, refusal: Refusal },
}

/// A no, with a code that programs compare and a message that people read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    pub code: String,
    pub message: String,
}

impl Refusal {
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
        }
    }
}
