//! Which nodes vote: 1 with up to 2 nodes, 3 with 3 or more, 5 with 5 or more; a lost voter is replaced when another can serve.

use std::collections::BTreeSet;

use hm_model::{Eligibility, NodeId, NodeState, Span, Timestamp};
use hm_state::Entry;

use crate::Plan;
use crate::nodes::Judged;
use crate::observed::Observed;

/// A voter that is away this long is replaced; a restart or a reboot is shorter.
const REPLACE_AFTER: Span = Span::from_secs(30);

/// How many servers a cluster of so many nodes has.
pub fn wanted_count(nodes: usize) -> usize {
    match nodes {
        0..=2 => 1,
        3..=4 => 3,
        5.. => 5,
    }
}

/// How good a claim to a seat is, best first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Claim {
    Leader,
    /// Has a seat and is up.
    Seated,
    /// Has a seat and is not away for long.
    Away,
    /// Has no seat but could take one at once.
    Candidate,
    /// Has a seat, but is gone for long: keeps it only while nobody else can take it, which costs nothing and spares a change
    /// when it returns.
    Lost,
}

pub(crate) fn choose(
    nodes: &[Judged<'_>],
    wanted: &BTreeSet<NodeId>,
    observed: &Observed,
    now: Timestamp,
    plan: &mut Plan,
) {
    if !nodes.iter().any(|judged| judged.node.id == observed.leader) {
        // Removed while it still leads: the next leader chooses.
        return;
    }
    let mut claims = Vec::new();
    let mut members = 0;
    for judged in nodes {
        let claim = claim(judged, wanted, observed, now, plan);
        let may_serve = judged.node.eligibility == Eligibility::Auto;
        let belongs = judged.state != NodeState::Left && may_serve;
        members += usize::from(belongs || claim.is_some());
        claims.extend(claim.map(|claim| (claim, judged.node.joined_at, judged.node.id)));
    }
    claims.sort_unstable();
    claims.truncate(wanted_count(members));
    if claims.len() % 2 == 0 {
        // An even number survives no more losses than the odd one below it.
        claims.pop();
    }
    let chosen: BTreeSet<NodeId> = claims.into_iter().map(|(_, _, id)| id).collect();
    if chosen != *wanted {
        plan.entries.push(Entry::ChooseServers(chosen));
    }
}

fn claim(
    judged: &Judged<'_>,
    wanted: &BTreeSet<NodeId>,
    observed: &Observed,
    now: Timestamp,
    plan: &mut Plan,
) -> Option<Claim> {
    let id = judged.node.id;
    if id == observed.leader {
        return Some(Claim::Leader);
    }
    if judged.node.eligibility == Eligibility::AgentOnly {
        return None;
    }
    if !wanted.contains(&id) {
        let can_serve = judged.state == NodeState::Ready && judged.is_present;
        return can_serve.then_some(Claim::Candidate);
    }
    let until = judged.since.saturating_add(REPLACE_AFTER);
    match judged.state {
        NodeState::Ready | NodeState::Suspect => Some(Claim::Seated),
        NodeState::Down | NodeState::Left if now < until => {
            plan.wake(until);
            Some(Claim::Away)
        }
        NodeState::Down => Some(Claim::Lost),
        NodeState::Left => None,
    }
}
