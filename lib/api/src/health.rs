//! Health: the one thing everybody may ask.

use hm_model::NodeId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::node::Role;
use crate::schema::NodeIdText;

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct Health {
    /// The worst of the checks.
    pub status: HealthStatus,
    /// The node that answers.
    #[schema(value_type = NodeIdText)]
    pub node: NodeId,
    pub name: String,
    /// The daemon's version.
    pub version: String,
    pub role: Role,
    /// Whether this node knows a leader.
    pub leader: bool,
    /// Whether the cluster can change its state, as far as this node knows.
    pub quorum: bool,
    pub checks: Vec<HealthCheck>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    Ok,
    /// Works, with less than it should have.
    Degraded,
    Down,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct HealthCheck {
    pub name: String,
    pub status: HealthStatus,
    pub message: String,
}
