//! Nodes.

use std::collections::BTreeMap;
use std::net::IpAddr;

use hm_model::{NodeId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::schema::{IpText, NodeIdText, TimeText};

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct Node {
    #[schema(value_type = NodeIdText)]
    pub id: NodeId,
    pub name: String,
    /// The first of its addresses.
    #[schema(value_type = IpText)]
    pub address: IpAddr,
    pub state: NodeState,
    pub role: Role,
    /// Whether it leads the cluster.
    pub leader: bool,
    /// Whether new replicas may be placed on it.
    pub schedulable: bool,
    pub labels: BTreeMap<String, String>,
    /// How many replicas are placed on it.
    pub replicas: u32,
}

#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum NodeState {
    Ready,
    /// Does not answer, not yet given up.
    Suspect,
    Down,
    /// Left on purpose.
    Left,
}

#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Votes and keeps the state.
    Server,
    Agent,
}

/// A node with everything that is known of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct NodeDetail {
    #[serde(flatten)]
    pub node: Node,
    #[schema(value_type = Vec<IpText>)]
    pub addresses: Vec<IpAddr>,
    pub api_port: u16,
    pub gossip_port: u16,
    /// The version of its daemon.
    pub version: String,
    pub feature_level: u32,
    pub taints: Vec<Taint>,
    pub capacity: Capacity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[schema(value_type = TimeText)]
    pub joined_at: Timestamp,
    /// What the answering node hears of it, when it hears anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gossip: Option<GossipView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    /// Told by the node itself only.
    #[schema(value_type = Option<TimeText>)]
    pub certificate_expires_at: Option<Timestamp>,
    pub generation: u64,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct Taint {
    pub key: String,
    pub value: String,
    pub effect: TaintEffect,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TaintEffect {
    NoSchedule,
    PreferNoSchedule,
    NoExecute,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct Capacity {
    /// Thousandths of a core.
    pub cpu_millis: u64,
    pub memory_bytes: u64,
    pub storage_bytes: u64,
}

/// What one node's gossip says of another.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct GossipView {
    pub state: GossipState,
    /// Since when, by the clock of the node that sees it.
    #[schema(value_type = TimeText)]
    pub since: Timestamp,
    /// The node that sees it.
    #[schema(value_type = NodeIdText)]
    pub seen_by: NodeId,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GossipState {
    Alive,
    Suspect,
    Down,
    Left,
}

/// The query of the list of nodes.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct NodeQuery {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<NodeState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    #[serde(rename = "continue", default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
