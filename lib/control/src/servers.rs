//! Which nodes vote: 1 with up to 2 nodes, 3 with 3 or more, 5 with 5 or more; a lost voter is replaced when another can serve.

use std::collections::BTreeSet;

use hm_model::{Node, NodeId, NodeState, Span, Timestamp};
use hm_state::{Entry, State};

use crate::Plan;
use crate::observed::Observed;

/// A voter that is down this long is replaced; a reboot is shorter.
const REPLACE_AFTER: Span = Span::from_secs(30);

/// How many servers a cluster of so many nodes has.
pub fn wanted_count(nodes: usize) -> usize {
    match nodes {
        0..=2 => 1,
        3..=4 => 3,
        5.. => 5,
    }
}

pub(crate) fn choose(state: &State, observed: &Observed, now: Timestamp, plan: &mut Plan) {
    let wanted = &state.servers().wanted;
    let kept: Vec<&Node> = oldest_first(state)
        .into_iter()
        .filter(|node| wanted.contains(&node.id) && keeps_its_seat(state, node, now, plan))
        .collect();
    let candidates: Vec<&Node> = oldest_first(state)
        .into_iter()
        .filter(|node| !wanted.contains(&node.id) && node.state == NodeState::Ready)
        .collect();
    let available = kept.len() + candidates.len();
    let members = state.members().len();
    if available < wanted.len() && wanted_count(members) >= wanted.len() {
        // Nobody can take the lost one's place: it keeps the seat, which costs nothing and spares a change when it returns.
        return;
    }
    let seats = seats(members, available);
    let mut chosen: BTreeSet<NodeId> = BTreeSet::from([observed.leader]);
    for node in kept.iter().chain(&candidates) {
        if chosen.len() >= seats {
            break;
        }
        chosen.insert(node.id);
    }
    if chosen != *wanted {
        plan.entries.push(Entry::ChooseServers(chosen));
    }
}

/// An odd number, as many as the size of the cluster asks for and the available nodes allow.
fn seats(members: usize, available: usize) -> usize {
    match wanted_count(members).min(available.max(1)) {
        even if even % 2 == 0 => even - 1,
        odd => odd,
    }
}

fn keeps_its_seat(state: &State, node: &Node, now: Timestamp, plan: &mut Plan) -> bool {
    match node.state {
        NodeState::Ready | NodeState::Suspect => true,
        NodeState::Left => false,
        NodeState::Down => {
            let Some(record) = state.nodes().get(&node.id) else {
                return false;
            };
            let until = record.changed_at.saturating_add(REPLACE_AFTER);
            if now < until {
                plan.wake(until);
            }
            now < until
        }
    }
}

fn oldest_first(state: &State) -> Vec<&Node> {
    let mut nodes: Vec<&Node> = state.nodes().values().collect();
    nodes.sort_by_key(|node| (node.joined_at, node.id));
    nodes
}
