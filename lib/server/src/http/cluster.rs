//! The cluster as a whole.

use hm_api::cluster::{Cluster, NodeCounts, NodeRef, Quorum, Server as ShownServer};
use hm_api::node::NodeState;
use hm_api::{ErrorCode, Problem};
use hm_model::NodeId;
use hm_state::State;

use super::Door;
use super::answer::Reply;
use super::nodes;
use super::place::{Leadership, Server};

pub(super) fn show(door: &Door, server: &dyn Server, state: &State) -> Result<Reply, Problem> {
    let cluster = state.cluster().ok_or_else(|| {
        Problem::new(
            ErrorCode::Unavailable,
            "this node does not belong to a cluster yet",
        )
    })?;
    let leadership = server.leadership();
    Reply::json(&Cluster {
        id: cluster.id.clone(),
        name: cluster.options.name.to_string(),
        version: door.parts.me.version.clone(),
        feature_level: level(state),
        revision: state.revision(),
        leader: leadership.leader.map(|id| NodeRef {
            id,
            name: name(state, id),
        }),
        quorum: quorum(door, server, &leadership),
        nodes: counts(state, &leadership),
        servers: leadership
            .voters
            .iter()
            .filter_map(|id| shown(state, &leadership, *id))
            .collect(),
    })
}

/// The voters, and those of them that answer; this node answers itself.
pub(super) fn quorum(door: &Door, server: &dyn Server, leadership: &Leadership) -> Quorum {
    let reachable = server.reachable();
    let alive = leadership
        .voters
        .iter()
        .filter(|id| **id == door.parts.me.id || reachable.contains(id))
        .count();
    Quorum::of(count(leadership.voters.len()), count(alive))
}

pub(super) fn level(state: &State) -> u32 {
    state.feature_level().get()
}

fn counts(state: &State, leadership: &Leadership) -> NodeCounts {
    let mut counts = NodeCounts {
        total: count(state.nodes().len()),
        ..NodeCounts::default()
    };
    for node in state.nodes().values() {
        match nodes::shown_state(node, leadership) {
            NodeState::Ready => counts.ready += 1,
            NodeState::Suspect => counts.suspect += 1,
            NodeState::Down => counts.down += 1,
            NodeState::Left => counts.left += 1,
        }
    }
    counts
}

fn shown(state: &State, leadership: &Leadership, id: NodeId) -> Option<ShownServer> {
    let node = state.nodes().value(&id)?;
    Some(ShownServer {
        id,
        name: node.name.to_string(),
        address: nodes::address(node),
        state: nodes::shown_state(node, leadership),
        leader: leadership.leader == Some(id),
    })
}

fn name(state: &State, id: NodeId) -> String {
    state
        .nodes()
        .value(&id)
        .map_or_else(|| id.to_string(), |node| node.name.to_string())
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
