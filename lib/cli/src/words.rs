//! Words of the API as every command shows them to people.

use std::collections::BTreeMap;

use hm_api::health::HealthStatus;
use hm_api::node::{Node, NodeState, Role};

use crate::style::Style;
use crate::table::Cell;

pub const NODE_STATES: [&str; 4] = ["ready", "suspect", "down", "left"];

/// The state of a node, and that it takes no new work where that is news.
pub fn node_state(node: &Node) -> Cell {
    match node.state {
        NodeState::Ready if !node.schedulable => {
            Cell::styled(Style::Warning, "ready, unschedulable")
        }
        NodeState::Ready => Cell::styled(Style::Good, "ready"),
        NodeState::Suspect => Cell::styled(Style::Warning, "suspect"),
        NodeState::Down => Cell::styled(Style::Bad, "down"),
        NodeState::Left => Cell::styled(Style::Faint, "left"),
    }
}

/// What a node does for the cluster.
pub fn node_role(node: &Node) -> &'static str {
    match (node.role, node.leader) {
        (Role::Server, true) => "server, leader",
        (Role::Server, false) => "server",
        (Role::Agent, _) => "agent",
    }
}

pub fn parse_node_state(word: &str) -> Option<NodeState> {
    match word {
        "ready" => Some(NodeState::Ready),
        "suspect" => Some(NodeState::Suspect),
        "down" => Some(NodeState::Down),
        "left" => Some(NodeState::Left),
        _ => None,
    }
}

pub fn health_status(status: HealthStatus) -> (Style, &'static str) {
    match status {
        HealthStatus::Ok => (Style::Good, "ok"),
        HealthStatus::Degraded => (Style::Warning, "degraded"),
        HealthStatus::Down => (Style::Bad, "down"),
    }
}

/// Labels as they are written: `role=frontend,ssd`.
pub fn labels(labels: &BTreeMap<String, String>) -> String {
    let written: Vec<String> = labels
        .iter()
        .map(|(key, value)| {
            if value.is_empty() {
                key.clone()
            } else {
                format!("{key}={value}")
            }
        })
        .collect();
    written.join(",")
}
