//! What can go wrong at the handle.

use std::collections::BTreeSet;
use std::time::Duration;

use hm_model::NodeId;
use openraft::EmptyNode;
use openraft::error::{CheckIsLeaderError, ClientWriteError, ForwardToLeader, RaftError};

use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the store cannot be opened")]
    Store(#[from] StoreError),
    #[error("the timings contradict each other")]
    Timings { source: openraft::ConfigError },
    #[error("raft cannot start: {reason}")]
    Engine { reason: String },
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InitializeError {
    #[error("this node already belongs to a cluster")]
    AlreadyInitialized,
    #[error("raft has stopped: {reason}")]
    Stopped { reason: String },
}

/// Why a proposal was not, or may not have been, agreed on.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ProposeError {
    /// Not proposed. Ask the leader, if it is known.
    #[error("this node does not lead{}", match leader { Some(leader) => format!(", node {leader} does"), None => String::new() })]
    NotLeader { leader: Option<NodeId> },
    /// Not proposed.
    #[error("no majority of the servers can be reached")]
    NoQuorum,
    /// May still be agreed on: repeat it only with the same request id.
    #[error("no agreement within {limit:?}; the change may still happen")]
    Timeout { limit: Duration },
    /// May still be agreed on.
    #[error("leadership was lost; the change may still happen")]
    LeadershipLost { leader: Option<NodeId> },
    /// Not proposed.
    #[error("the entry is {size} bytes long, the limit is {limit}")]
    TooLarge { size: usize, limit: usize },
    /// May still be agreed on, by the others.
    #[error("raft has stopped on this node: {reason}")]
    Stopped { reason: String },
}

/// Why the voters are not the wanted ones.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ChangeError {
    #[error("the set of voters would be empty")]
    NoVoters,
    #[error("another change of the voters is under way")]
    InProgress,
    /// The newcomers were taken out again.
    #[error("node {} did not catch up within {limit:?}", list(late))]
    TooSlow {
        late: BTreeSet<NodeId>,
        limit: Duration,
    },
    #[error(transparent)]
    Propose(#[from] ProposeError),
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SnapshotError {
    #[error("raft has stopped: {reason}")]
    Stopped { reason: String },
}

fn list(nodes: &BTreeSet<NodeId>) -> String {
    nodes
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

pub(super) fn leader_of(forward: &ForwardToLeader<u64, EmptyNode>) -> Option<NodeId> {
    forward.leader_id.map(NodeId::from_u64)
}

impl From<RaftError<u64, openraft::error::InitializeError<u64, EmptyNode>>> for InitializeError {
    fn from(error: RaftError<u64, openraft::error::InitializeError<u64, EmptyNode>>) -> Self {
        match error {
            RaftError::APIError(_) => Self::AlreadyInitialized,
            RaftError::Fatal(fatal) => Self::Stopped {
                reason: fatal.to_string(),
            },
        }
    }
}

impl From<RaftError<u64, CheckIsLeaderError<u64, EmptyNode>>> for ProposeError {
    fn from(error: RaftError<u64, CheckIsLeaderError<u64, EmptyNode>>) -> Self {
        match error {
            RaftError::APIError(CheckIsLeaderError::ForwardToLeader(forward)) => Self::NotLeader {
                leader: leader_of(&forward),
            },
            RaftError::APIError(CheckIsLeaderError::QuorumNotEnough(_)) => Self::NoQuorum,
            RaftError::Fatal(fatal) => Self::Stopped {
                reason: fatal.to_string(),
            },
        }
    }
}

impl From<RaftError<u64, ClientWriteError<u64, EmptyNode>>> for ChangeError {
    fn from(error: RaftError<u64, ClientWriteError<u64, EmptyNode>>) -> Self {
        match error {
            RaftError::APIError(ClientWriteError::ForwardToLeader(forward)) => {
                Self::Propose(ProposeError::NotLeader {
                    leader: leader_of(&forward),
                })
            }
            RaftError::APIError(ClientWriteError::ChangeMembershipError(_)) => Self::InProgress,
            RaftError::Fatal(fatal) => Self::Propose(ProposeError::Stopped {
                reason: fatal.to_string(),
            }),
        }
    }
}
