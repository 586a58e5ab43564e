//! What one entry touched: the objects to tell watchers of, without their contents.

use hm_model::NodeId;

use crate::object::Key;

/// An object that came, changed or went. What it is now, if anything, is for the state to say: see [`State::see`].
///
/// [`State::see`]: crate::State::see
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    pub key: Key,
    /// The node whose agent this concerns: of a replica the node it is or was on; of a revision the node that needs it
    /// now or no more. `None` for what concerns no agent or all of them.
    pub owner: Option<NodeId>,
}

impl Change {
    pub(crate) fn of(key: Key) -> Self {
        Self { key, owner: None }
    }

    pub(crate) fn on(key: Key, owner: Option<NodeId>) -> Self {
        Self { key, owner }
    }
}
