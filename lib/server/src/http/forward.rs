//! Requests that this node cannot answer itself: handed whole to a server, and taken over from other nodes.

use hm_api::{ErrorCode, Problem};
use hm_model::RequestId;

use super::identity::Identity;

/// A whole request on its way to a server. Who asks was established by the node that passes it on, whose certificate vouches.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Forwarded {
    pub request: RequestId,
    pub identity: Identity,
    pub method: String,
    /// As it came, still escaped.
    pub path: String,
    pub query: String,
    pub body: bytes::Bytes,
}

/// Why no server took the request.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ForwardError {
    #[error("no server of the cluster can be reached from this node (tried {})", .tried.join(", "))]
    NoServer { tried: Vec<String> },
    #[error("this node does not belong to a cluster yet")]
    NoCluster,
}

pub(super) fn problem_of(error: &ForwardError) -> Problem {
    Problem::new(ErrorCode::Unavailable, error.to_string())
        .with_hint("look at `hivemind health` on this node")
}
