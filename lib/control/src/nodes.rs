//! Which nodes are ready and which are down: gossip and the agent's stream together, never gossip alone.

use hm_model::{Node, NodeState, Span, Timestamp};
use hm_state::{Entry, State, Verdict};

use crate::Plan;
use crate::observed::{Gossip, Observed};

/// An agent is heard every 500 ms; after two missed beats and a little its stream counts as gone.
const STREAM_GONE: Span = Span::from_millis(1_250);
/// A new leader gives everyone this long to be seen before it concludes anything from silence, and so has a new node.
const GRACE: Span = Span::from_secs(6);

/// A node with the state it is in once the plan is agreed on.
pub(crate) struct Judged<'a> {
    pub node: &'a Node,
    pub state: NodeState,
    pub since: Timestamp,
    /// Gossip reaches it and its agent reports, right now.
    pub is_present: bool,
}

pub(crate) fn judge<'a>(
    state: &'a State,
    observed: &Observed,
    now: Timestamp,
    plan: &mut Plan,
) -> Vec<Judged<'a>> {
    let mut verdicts = Vec::new();
    let judged = state
        .nodes()
        .values()
        .map(|node| {
            let is_present = is_present(node, observed, now);
            let verdict = conclude(node, is_present, observed, now, plan)
                .filter(|(concluded, _)| *concluded != node.state);
            let (concluded, since) = match verdict {
                Some((concluded, _)) => (concluded, now),
                None => (node.state, node.state_since),
            };
            verdicts.extend(verdict.map(|(concluded, reason)| Verdict {
                node: node.id,
                state: concluded,
                reason: reason.to_owned(),
            }));
            Judged {
                node,
                state: concluded,
                since,
                is_present,
            }
        })
        .collect();
    if !verdicts.is_empty() {
        plan.entries.push(Entry::JudgeNodes(verdicts));
    }
    judged
}

fn is_present(node: &Node, observed: &Observed, now: Timestamp) -> bool {
    let sighting = observed.of(node.id);
    let heard = sighting
        .heard_at
        .is_some_and(|at| at.saturating_add(STREAM_GONE) > now);
    node.id == observed.leader
        || heard && matches!(sighting.gossip, Some(Gossip::Alive | Gossip::Suspect))
}

/// What can be concluded about a node, and why. When time alone would tell more, the plan wakes then.
fn conclude(
    node: &Node,
    is_present: bool,
    observed: &Observed,
    now: Timestamp,
    plan: &mut Plan,
) -> Option<(NodeState, &'static str)> {
    if node.id == observed.leader {
        return Some((NodeState::Ready, "it leads the cluster"));
    }
    let sighting = observed.of(node.id);
    let counts_as_up = matches!(node.state, NodeState::Ready | NodeState::Suspect);
    // What this leader could not hear yet is not silence.
    let silent_from = sighting
        .heard_at
        .max(Some(observed.since))
        .map(|at| at.saturating_add(STREAM_GONE));
    let (until, verdict) = match sighting.gossip {
        Some(Gossip::Left) => return Some((NodeState::Left, "it said goodbye")),
        Some(Gossip::Alive | Gossip::Suspect) if is_present => {
            return Some((NodeState::Ready, "it answers, and its agent reports"));
        }
        // It is starting, or on its way to another server.
        Some(Gossip::Alive | Gossip::Suspect) => return None,
        // The stream alone does not make a node ready: others may not reach it.
        Some(Gossip::Down) | None if !counts_as_up => return None,
        Some(Gossip::Down) => (silent_from, "it does not answer, and its agent is silent"),
        None => {
            let unseen_from = observed.since.max(node.state_since).saturating_add(GRACE);
            (
                silent_from.max(Some(unseen_from)),
                "it was not seen since it joined or this leader began to watch",
            )
        }
    };
    match until.filter(|until| now < *until) {
        Some(until) => {
            plan.wake(until);
            None
        }
        None => Some((NodeState::Down, verdict)),
    }
}
