//! Replicas: running copies of a revision.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::text::words;
use crate::{Code, Name, NodeId, ReplicaId, RevisionNumber, Timestamp};

/// One copy of a revision on a node.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Replica {
    pub id: ReplicaId,
    #[serde(default)]
    pub revision: RevisionNumber,
    /// Where it is placed; none while there is no room for it.
    #[serde(default)]
    pub node: Option<NodeId>,
    /// What it should be doing.
    #[serde(default)]
    pub wanted: Wanted,
    #[serde(default)]
    pub status: ReplicaStatus,
    #[serde(default)]
    pub created_at: Timestamp,
}

/// What its node last said about a replica.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct ReplicaStatus {
    pub phase: Phase,
    /// Why it is in this phase, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Code>,
    /// The same for people.
    pub message: String,
    pub ready: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<IpAddr>,
    /// By the name of the container.
    pub containers: BTreeMap<Name, ContainerStatus>,
    /// When the phase or the readiness last changed.
    pub since: Timestamp,
}

/// What its node last said about a container.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct ContainerStatus {
    pub phase: Phase,
    pub restarts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

words! {
    /// What the cluster wants of a replica.
    #[derive(Default, Hash)]
    pub enum Wanted("a wish for a replica") {
        #[default]
        Running = "running",
        /// Stopped in good order, then forgotten.
        Stopped = "stopped",
    }
}

words! {
    /// Where a replica or a container is in its life.
    #[derive(Default, Hash)]
    pub enum Phase("a phase") {
        /// Not placed, or its node has not taken it up.
        #[default]
        Pending = "pending",
        Pulling = "pulling",
        Starting = "starting",
        Running = "running",
        Stopping = "stopping",
        /// Ended as it should.
        Exited = "exited",
        /// Ended as it should not, or cannot start.
        Failed = "failed",
        /// Its node is gone; what it does there is unknown.
        Lost = "lost",
    }
}

impl Phase {
    /// Whether nothing more happens in this incarnation.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Exited | Self::Failed | Self::Lost => true,
            Self::Pending | Self::Pulling | Self::Starting | Self::Running | Self::Stopping => {
                false
            }
        }
    }
}
