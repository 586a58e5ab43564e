//! What one entry changed: the objects to send to watchers, without their contents.

use hm_model::NodeId;

use crate::object::Key;

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    pub key: Key,
    pub what: What,
    /// The node a replica is on: an agent hears of its own only.
    pub owner: Option<NodeId>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum What {
    Put,
    Deleted,
}

impl Change {
    pub(crate) fn put(key: Key) -> Self {
        Self {
            key,
            what: What::Put,
            owner: None,
        }
    }

    pub(crate) fn deleted(key: Key) -> Self {
        Self {
            key,
            what: What::Deleted,
            owner: None,
        }
    }

    pub(crate) fn on(mut self, owner: Option<NodeId>) -> Self {
        self.owner = owner;
        self
    }
}
