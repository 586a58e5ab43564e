//! The messages on an agent's stream: up go beats and reports, down come the list, changes and acknowledgements of beats.

use hm_model::NodeId;
use hm_state::{Key, NodeReport, Object, ReplicaReport};
use serde::{Deserialize, Serialize};

/// The method of the link.
pub const STREAM: &str = "agent/stream";
/// The newest form of these messages.
pub const PROTOCOL: u16 = 1;

/// The first message: who, and from where on.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Hello {
    pub protocol: u16,
    pub node: NodeId,
    /// The revision the agent has; `None` asks for the whole list.
    #[serde(default)]
    pub revision: Option<u64>,
    pub report: NodeReport,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Up {
    Beat {
        /// The revision that the node's kernel tables have reached.
        #[serde(default)]
        applied_revision: u64,
    },
    Replicas(Vec<ReplicaReport>),
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Down {
    /// Everything this node may see. What the agent has and is not in here is gone.
    List {
        revision: u64,
        #[serde(default)]
        objects: Vec<Item>,
    },
    Changes {
        revision: u64,
        #[serde(default)]
        objects: Vec<Item>,
    },
    /// The beat was heard.
    Heard,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Item {
    pub key: Key,
    /// `None`: it is gone.
    pub object: Option<Object>,
}
