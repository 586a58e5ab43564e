//! Nodes.

use std::net::{IpAddr, Ipv4Addr};

use hm_api::list::List;
use hm_api::node::{
    Capacity, GossipState, GossipView, Node, NodeDetail, NodeQuery, NodeState, Role, Taint,
    TaintEffect,
};
use hm_api::{ErrorCode, Problem};
use hm_control::Gossip;
use hm_model::{Node as ModelNode, NodeId, NodeState as ModelState, TaintEffect as ModelEffect};
use hm_state::{FindNodeError, Record, State};

use super::Door;
use super::answer::Reply;
use super::call::Call;
use super::page::Page;
use super::place::{Leadership, Server};

pub(super) fn list(server: &dyn Server, state: &State, call: &Call) -> Result<Reply, Problem> {
    let query: NodeQuery = call.query()?;
    let leadership = server.leadership();
    let page: Page<NodeId> = Page::asked(query.limit, query.next.as_deref())?;
    let nodes = page
        .rest(state.nodes())
        .map(|(id, record)| (*id, node(state, &leadership, &record.value)))
        .filter(|(_, node)| query.state.is_none_or(|state| node.state == state))
        .filter(|(_, node)| query.role.is_none_or(|role| node.role == role));
    let list: List<Node> = page.of(nodes, state.revision());
    Reply::json(&list)
}

pub(super) fn show(
    door: &Door,
    server: &dyn Server,
    state: &State,
    call: &Call,
) -> Result<Reply, Problem> {
    let found = state
        .find_node(call.name())
        .map_err(|error| not_found(&error))?;
    let record = state
        .nodes()
        .get(&found.id)
        .ok_or_else(|| not_found(&FindNodeError::Unknown(found.id.to_string())))?;
    Reply::json(&detail(door, server, state, record))
}

fn not_found(error: &FindNodeError) -> Problem {
    let code = match error {
        FindNodeError::Unknown(_) => ErrorCode::NotFound,
        FindNodeError::Ambiguous(..) => ErrorCode::Conflict,
    };
    Problem::new(code, error.to_string()).with_hint("`hivemind node ls` shows all nodes")
}

/// A node as lists and watches show it.
pub(super) fn node(state: &State, leadership: &Leadership, node: &ModelNode) -> Node {
    let voter = leadership.voters.contains(&node.id);
    Node {
        id: node.id,
        name: node.name.to_string(),
        address: address(node),
        state: shown_state(node, leadership),
        role: if voter { Role::Server } else { Role::Agent },
        leader: leadership.leader == Some(node.id),
        schedulable: node.schedulable(),
        labels: node
            .labels
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect(),
        replicas: u32::try_from(state.replicas_on(node.id).count()).unwrap_or(u32::MAX),
    }
}

fn detail(
    door: &Door,
    server: &dyn Server,
    state: &State,
    record: &Record<ModelNode>,
) -> NodeDetail {
    let value = &record.value;
    let seen = server.seen(value.id);
    let gossip = seen
        .gossip
        .zip(seen.gossip_since)
        .map(|(state, since)| GossipView {
            state: gossip_state(state),
            since,
            seen_by: door.parts.me.id,
        });
    // Nodes keep their certificates to themselves: this node knows its own.
    let own = value.id == door.parts.me.id;
    let certificate_expires_at = own
        .then(|| door.parts.place.certificate_expires_at())
        .flatten();
    NodeDetail {
        node: node(state, &server.leadership(), value),
        addresses: value.addresses.clone(),
        api_port: value.api_port,
        gossip_port: value.gossip_port,
        version: value.version.clone(),
        feature_level: value.feature_level.get(),
        taints: value
            .taints
            .iter()
            .map(|taint| Taint {
                key: taint.key.to_string(),
                value: taint.value.to_string(),
                effect: effect(taint.effect),
            })
            .collect(),
        capacity: Capacity {
            cpu_millis: value.capacity.cpu.millis(),
            memory_bytes: value.capacity.memory.as_u64(),
            storage_bytes: value.capacity.disk.as_u64(),
        },
        zone: value.zone.as_ref().map(ToString::to_string),
        region: value.region.as_ref().map(ToString::to_string),
        joined_at: value.joined_at,
        gossip,
        certificate_expires_at,
        generation: record.generation,
    }
}

/// The first address. A node without any is not reachable by anybody, which the unspecified address says.
pub(super) fn address(node: &ModelNode) -> IpAddr {
    node.addresses
        .first()
        .copied()
        .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

/// The state that was agreed on; a ready node that does not answer right now is shown as suspect.
pub(super) fn shown_state(node: &ModelNode, leadership: &Leadership) -> NodeState {
    let agreed = state_of(node.state);
    if agreed == NodeState::Ready && leadership.doubted.contains(&node.id) {
        NodeState::Suspect
    } else {
        agreed
    }
}

const fn state_of(state: ModelState) -> NodeState {
    match state {
        ModelState::Ready => NodeState::Ready,
        ModelState::Suspect => NodeState::Suspect,
        ModelState::Down => NodeState::Down,
        ModelState::Left => NodeState::Left,
    }
}

const fn gossip_state(gossip: Gossip) -> GossipState {
    match gossip {
        Gossip::Alive => GossipState::Alive,
        Gossip::Suspect => GossipState::Suspect,
        Gossip::Down => GossipState::Down,
        Gossip::Left => GossipState::Left,
    }
}

const fn effect(effect: ModelEffect) -> TaintEffect {
    match effect {
        ModelEffect::NoSchedule => TaintEffect::NoSchedule,
        ModelEffect::PreferNoSchedule => TaintEffect::PreferNoSchedule,
        ModelEffect::NoExecute => TaintEffect::NoExecute,
    }
}
