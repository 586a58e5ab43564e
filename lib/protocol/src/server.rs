//! Between servers: a change handed to the leader, and which agents a server hears.

use hm_model::{Actor, Code, NodeId, RequestId, Via};
use hm_state::Entry;
use serde::{Deserialize, Serialize};

/// A server hands a [`Proposal`] to the leader and gets the agreed reply.
pub const PROPOSE: &str = "server/propose";
/// A server tells the leader which agents it [`Heard`].
pub const SIGHTINGS: &str = "server/sightings";

/// A wanted change, as it travels to the leader.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Proposal {
    pub actor: Actor,
    #[serde(default)]
    pub via: Via,
    /// Without it the change must be safe to do twice.
    #[serde(default)]
    pub request: Option<RequestId>,
    #[serde(default)]
    pub expected_generation: Option<u64>,
    pub entry: Entry,
}

impl Proposal {
    /// A change the cluster itself wants.
    pub fn system(controller: &'static str, entry: Entry) -> Self {
        let actor = Actor::System(Code::new(controller));
        Self {
            actor,
            via: Via::Internal,
            request: None,
            expected_generation: None,
            entry,
        }
    }

    /// A change a node reports about itself.
    pub fn report(node: NodeId, entry: Entry) -> Self {
        Self {
            actor: Actor::Node(node),
            via: Via::Peer,
            request: None,
            expected_generation: None,
            entry,
        }
    }
}

/// Which agents a server hears, and how long ago: ages, because clocks differ.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Heard {
    pub agents: Vec<HeardAgent>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct HeardAgent {
    pub node: NodeId,
    pub millis_ago: u64,
    #[serde(default)]
    pub applied_revision: u64,
}
