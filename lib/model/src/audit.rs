//! Audit entries: who asked for what, and what came of it.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::text::words;
use crate::{Action, Actor, Code, NodeId, ObjectRef, RequestId, Timestamp, Via};

/// One request that was decided.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AuditEntry {
    pub time: Timestamp,
    pub actor: Actor,
    #[serde(default)]
    pub via: Via,
    pub action: Action,
    pub object: ObjectRef,
    pub outcome: Outcome,
    /// Why, if it did not go through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Code>,
    #[serde(default)]
    pub request_id: RequestId,
    /// The node that took the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeId>,
    /// Where it came from, if over the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<IpAddr>,
}

words! {
    /// What came of a request.
    #[derive(Hash)]
    pub enum Outcome("an outcome") {
        Done = "done",
        /// Not authenticated or not authorized.
        Denied = "denied",
        Failed = "failed",
    }
}
