//! Nodes: the machines of the cluster.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::text::words;
use crate::{
    Capacity, Cidr, Code, FeatureLevel, LabelValue, Labels, NodeId, NodeName, Taint, Timestamp,
};

/// A machine of the cluster. Whether it is a server follows from the state's list of voters.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Node {
    pub id: NodeId,
    pub name: NodeName,
    /// Where it can be reached, tried in order.
    #[serde(default)]
    pub addresses: Vec<IpAddr>,
    #[serde(default = "Node::default_api_port")]
    pub api_port: u16,
    #[serde(default = "Node::default_gossip_port")]
    pub gossip_port: u16,
    /// Whether it may become a server.
    #[serde(default)]
    pub eligibility: Eligibility,
    #[serde(default)]
    pub state: NodeState,
    /// Why it is in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Code>,
    /// When the state last changed.
    #[serde(default)]
    pub state_since: Timestamp,
    #[serde(default)]
    pub scheduling: Scheduling,
    #[serde(default)]
    pub labels: Labels,
    #[serde(default)]
    pub taints: BTreeSet<Taint>,
    #[serde(default)]
    pub capacity: Capacity,
    /// The version of its programs, as they call themselves.
    #[serde(default)]
    pub version: String,
    #[serde(default)]
    pub feature_level: FeatureLevel,
    #[serde(default)]
    pub joined_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<LabelValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<LabelValue>,
    /// The network that its replicas get their addresses from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet: Option<Cidr>,
}

words! {
    /// What a node does for the cluster at the moment.
    #[derive(Default, Hash)]
    pub enum NodeRole("a role of a node") {
        /// Runs replicas.
        #[default]
        Agent = "agent",
        /// Also votes, keeps the state and can lead.
        Server = "server",
    }
}

words! {
    /// Whether a node may become a server.
    #[derive(Default, Hash)]
    pub enum Eligibility("an eligibility") {
        /// When the leader chooses it.
        #[default]
        Auto = "auto",
        AgentOnly = "agent-only",
    }
}

words! {
    /// Whether a node answers.
    #[derive(Default, Hash)]
    pub enum NodeState("a state of a node") {
        #[default]
        Ready = "ready",
        /// Some cannot reach it; nobody acts on that yet.
        Suspect = "suspect",
        Down = "down",
        /// Went in good order.
        Left = "left",
    }
}

words! {
    /// Whether replicas may be placed on a node.
    #[derive(Default, Hash)]
    pub enum Scheduling("a scheduling state") {
        #[default]
        Open = "open",
        /// Nothing new; what is there stays.
        Maintenance = "maintenance",
        /// Nothing new; what is there moves away.
        Draining = "draining",
    }
}

impl Node {
    pub fn new(id: NodeId, name: NodeName) -> Self {
        Self {
            id,
            name,
            addresses: Vec::new(),
            api_port: Self::default_api_port(),
            gossip_port: Self::default_gossip_port(),
            eligibility: Eligibility::default(),
            state: NodeState::default(),
            reason: None,
            state_since: Timestamp::default(),
            scheduling: Scheduling::default(),
            labels: Labels::new(),
            taints: BTreeSet::new(),
            capacity: Capacity::default(),
            version: String::new(),
            feature_level: FeatureLevel::default(),
            joined_at: Timestamp::default(),
            zone: None,
            region: None,
            subnet: None,
        }
    }

    /// Whether new replicas may come.
    pub const fn schedulable(&self) -> bool {
        matches!(
            (self.state, self.scheduling),
            (NodeState::Ready, Scheduling::Open)
        )
    }

    const fn default_api_port() -> u16 {
        3000
    }

    const fn default_gossip_port() -> u16 {
        7946
    }
}
