//! What this node knows about the agreement.

use std::collections::BTreeSet;
use std::sync::Arc;

use hm_model::NodeId;
use openraft::ServerState;
use openraft::error::Fatal;
use tokio::sync::watch;

use crate::engine::applier::Progress;
use crate::types::Inner;

/// This node's view. A node that is cut off keeps its last view: `confirm_leadership` tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Status {
    pub id: NodeId,
    /// Who leads, as far as this node knows.
    pub leader: Option<NodeId>,
    pub role: Role,
    /// At most one node leads in a term.
    pub term: u64,
    /// While the voters are being changed, those before and after.
    pub voters: BTreeSet<NodeId>,
    pub learners: BTreeSet<NodeId>,
    /// How many entries the machine has applied, ever: the index of the last one.
    pub last_applied: u64,
    pub running: Running,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    Leader,
    Candidate,
    Follower,
    /// Listens, does not vote: on the way to becoming a voter, or not a member at all.
    Learner,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Running {
    Yes,
    Stopped,
    /// It takes no part any more, because of a failing or damaged disk; the daemon should exit and say this.
    Failed {
        reason: String,
    },
}

impl Status {
    pub(super) fn initial(id: NodeId) -> Self {
        Self {
            id,
            leader: None,
            role: Role::Learner,
            term: 0,
            voters: BTreeSet::new(),
            learners: BTreeSet::new(),
            last_applied: 0,
            running: Running::Yes,
        }
    }

    pub fn is_leader(&self) -> bool {
        self.role == Role::Leader && self.running == Running::Yes
    }
}

/// Keeps the status current until raft stops.
pub(super) async fn publish(inner: Inner, progress: Arc<Progress>, status: watch::Sender<Status>) {
    let mut server = inner.server_metrics();
    let mut applied = progress.applied.subscribe();
    loop {
        let last_applied = *applied.borrow_and_update();
        let metrics = server.borrow_and_update().clone();
        let membership = metrics.membership_config.membership();
        let now = Status {
            id: NodeId::from_u64(metrics.id),
            leader: metrics.current_leader.map(NodeId::from_u64),
            role: match metrics.state {
                ServerState::Leader => Role::Leader,
                ServerState::Candidate => Role::Candidate,
                ServerState::Follower => Role::Follower,
                ServerState::Learner | ServerState::Shutdown => Role::Learner,
            },
            term: metrics.vote.leader_id().term,
            voters: membership.voter_ids().map(NodeId::from_u64).collect(),
            learners: membership.learner_ids().map(NodeId::from_u64).collect(),
            last_applied,
            running: Running::Yes,
        };
        status.send_if_modified(|shown| {
            let changed = *shown != now;
            *shown = now;
            changed
        });
        tokio::select! {
            changed = server.changed() => if changed.is_err() { break },
            changed = applied.changed() => if changed.is_err() { break },
        }
    }
    let ended = inner.metrics().borrow().running_state.clone();
    status.send_modify(|shown| {
        shown.leader = None;
        shown.role = Role::Learner;
        shown.running = match ended {
            Ok(()) | Err(Fatal::Stopped) => Running::Stopped,
            Err(fatal @ (Fatal::StorageError(_) | Fatal::Panicked)) => Running::Failed {
                reason: fatal.to_string(),
            },
        };
    });
}
