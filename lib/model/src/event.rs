//! Events: what happened to the things of the cluster.

use serde::{Deserialize, Serialize};

use crate::text::words;
use crate::{Code, NodeId, ObjectRef, Timestamp};

/// Something that happened, for whoever looks.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Event {
    pub time: Timestamp,
    #[serde(default)]
    pub kind: EventKind,
    pub object: ObjectRef,
    /// What happened, for programs.
    pub reason: Code,
    /// The same for people.
    #[serde(default)]
    pub message: String,
    /// Where it happened, if that is one place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeId>,
}

words! {
    /// Whether anybody should worry.
    #[derive(Default, Hash)]
    pub enum EventKind("a kind of event") {
        #[default]
        Normal = "normal",
        Warning = "warning",
    }
}
