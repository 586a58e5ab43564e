//! The cluster as a whole.

use std::net::IpAddr;

use hm_model::NodeId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::node::NodeState;
use crate::schema::{IpText, NodeIdText};

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct Cluster {
    pub id: String,
    pub name: String,
    /// The version of the daemon that answers.
    pub version: String,
    /// What all members understand.
    pub feature_level: u32,
    /// The revision of the state this answer shows.
    pub revision: u64,
    /// The leader, while one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leader: Option<NodeRef>,
    pub quorum: Quorum,
    pub nodes: NodeCounts,
    pub servers: Vec<Server>,
}

/// A node by its id and its name.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct NodeRef {
    #[schema(value_type = NodeIdText)]
    pub id: NodeId,
    pub name: String,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct Quorum {
    pub voters: u32,
    pub alive: u32,
    /// How many voters must be alive for the state to change.
    pub needed: u32,
    /// How many more voters may be lost before it cannot change.
    pub survives: u32,
}

impl Quorum {
    pub const fn of(voters: u32, alive: u32) -> Self {
        let needed = voters / 2 + 1;
        Self {
            voters,
            alive,
            needed,
            survives: alive.saturating_sub(needed),
        }
    }

    pub const fn holds(self) -> bool {
        self.alive >= self.needed
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct NodeCounts {
    pub total: u32,
    pub ready: u32,
    pub suspect: u32,
    pub down: u32,
    pub left: u32,
}

/// A node that votes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct Server {
    #[schema(value_type = NodeIdText)]
    pub id: NodeId,
    pub name: String,
    #[schema(value_type = IpText)]
    pub address: IpAddr,
    pub state: NodeState,
    pub leader: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quorum_counts_what_may_still_be_lost() {
        assert_eq!(
            Quorum::of(1, 1),
            Quorum {
                voters: 1,
                alive: 1,
                needed: 1,
                survives: 0
            }
        );
        assert_eq!(
            Quorum::of(3, 3),
            Quorum {
                voters: 3,
                alive: 3,
                needed: 2,
                survives: 1
            }
        );
        assert_eq!(
            Quorum::of(5, 3),
            Quorum {
                voters: 5,
                alive: 3,
                needed: 3,
                survives: 0
            }
        );
        assert!(!Quorum::of(5, 2).holds());
    }
}
