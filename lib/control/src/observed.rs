//! What the leader sees but nobody agrees on: gossip's word and the agents' streams.

use std::collections::BTreeMap;

use hm_model::{NodeId, Timestamp};

/// What gossip says of a node.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Gossip {
    Alive,
    Suspect,
    Down,
    Left,
}

/// What the leader knows of one node right now.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Sighting {
    pub gossip: Option<Gossip>,
    /// When the node's agent was last heard, by any server.
    pub heard_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// The leader itself.
    pub leader: NodeId,
    /// Since when it watches: what it has not seen since then it may simply not have seen yet.
    pub since: Timestamp,
    pub nodes: BTreeMap<NodeId, Sighting>,
}

impl Observed {
    pub fn new(leader: NodeId, since: Timestamp) -> Self {
        Self {
            leader,
            since,
            nodes: BTreeMap::new(),
        }
    }

    pub(crate) fn of(&self, node: NodeId) -> Sighting {
        self.nodes.get(&node).copied().unwrap_or_default()
    }
}
