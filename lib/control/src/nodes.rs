//! Which nodes are ready and which are down: gossip and the agent's stream together, never gossip alone.

use hm_model::{Node, NodeState, Span, Timestamp};
use hm_state::{Entry, State, Verdict};

use crate::Plan;
use crate::observed::{Gossip, Observed};

/// An agent is heard every 500 ms; after two missed beats and a little its stream counts as gone.
const STREAM_GONE: Span = Span::from_millis(1_250);
/// A new leader gives everyone this long to be seen before it concludes anything from silence.
const GRACE: Span = Span::from_secs(6);

pub(crate) fn judge(state: &State, observed: &Observed, now: Timestamp, plan: &mut Plan) {
    let verdicts: Vec<Verdict> = state
        .nodes()
        .values()
        .filter_map(|node| judge_one(node, observed, now, plan))
        .collect();
    if !verdicts.is_empty() {
        plan.entries.push(Entry::JudgeNodes(verdicts));
    }
}

fn judge_one(node: &Node, observed: &Observed, now: Timestamp, plan: &mut Plan) -> Option<Verdict> {
    let sighting = observed.of(node.id);
    let verdict = |state: NodeState, reason: &str| {
        (node.state != state).then(|| Verdict {
            node: node.id,
            state,
            reason: reason.to_owned(),
        })
    };
    if node.id == observed.leader {
        return verdict(NodeState::Ready, "it leads the cluster");
    }
    let heard_until = sighting.heard_at.map(|at| at.saturating_add(STREAM_GONE));
    let heard = heard_until.is_some_and(|until| until > now);
    match (sighting.gossip, heard) {
        (Some(Gossip::Left), _) => verdict(NodeState::Left, "it said goodbye"),
        (Some(Gossip::Alive | Gossip::Suspect), true) => {
            verdict(NodeState::Ready, "it answers, and its agent reports")
        }
        // The stream alone does not make a node ready: others may not reach it.
        (Some(Gossip::Down) | None, true) => {
            if let Some(until) = heard_until {
                plan.wake(until);
            }
            None
        }
        (Some(Gossip::Down), false) => verdict(
            NodeState::Down,
            "it does not answer, and its agent is silent",
        ),
        // Alive for gossip but without a stream: it is starting, or on its way to another server.
        (Some(Gossip::Alive | Gossip::Suspect), false) => None,
        (None, false) if !matches!(node.state, NodeState::Ready | NodeState::Suspect) => None,
        (None, false) => {
            let until = observed.since.saturating_add(GRACE);
            if now < until {
                plan.wake(until);
                return None;
            }
            verdict(
                NodeState::Down,
                "it was not seen since this leader began to watch",
            )
        }
    }
}
