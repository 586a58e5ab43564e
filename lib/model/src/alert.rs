//! Alerts: conditions that someone should look at.

use serde::{Deserialize, Serialize};

use crate::text::words;
use crate::{Actor, Code, ObjectRef, Timestamp};

/// A condition, from when it began until it is over.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Alert {
    pub id: u64,
    /// Which condition it is.
    pub rule: Code,
    pub object: ObjectRef,
    #[serde(default)]
    pub severity: Severity,
    #[serde(default)]
    pub state: AlertState,
    #[serde(default)]
    pub message: String,
    #[serde(default)]
    pub since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<Actor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
}

words! {
    /// How bad it is.
    #[derive(Default, Hash)]
    pub enum Severity("a severity") {
        Info = "info",
        #[default]
        Warning = "warning",
        Error = "error",
        Critical = "critical",
    }
}

words! {
    /// Whether it still lasts, and whether somebody has seen it.
    #[derive(Default, Hash)]
    pub enum AlertState("a state of an alert") {
        #[default]
        Firing = "firing",
        Acknowledged = "acknowledged",
        Resolved = "resolved",
    }
}
