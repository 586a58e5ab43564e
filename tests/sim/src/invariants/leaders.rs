//! At most one server leads in a term, over the whole run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use hm_model::NodeId;
use hm_node::Serving;
use tokio::sync::watch;

use super::Invariants;

/// Who led in which term.
#[derive(Clone, Default)]
pub(crate) struct Leaders(Arc<Mutex<BTreeMap<u64, NodeId>>>);

impl Leaders {
    fn note(&self, term: u64, leader: NodeId) -> Option<NodeId> {
        let mut terms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        terms.insert(term, leader)
    }
}

/// Tells whenever this node's server begins to lead.
pub(super) async fn look_on(invariants: Invariants, mut serving: watch::Receiver<Option<Serving>>) {
    loop {
        let raft = serving
            .borrow_and_update()
            .as_ref()
            .map(|serving| serving.raft.clone());
        let Some(raft) = raft else {
            if serving.changed().await.is_err() {
                return;
            }
            continue;
        };
        let mut status = raft.status();
        loop {
            let now = status.borrow_and_update().clone();
            if now.is_leader() {
                leads(&invariants, now.id, now.term);
            }
            tokio::select! {
                biased;
                changed = serving.changed() => {
                    if changed.is_err() { return }
                    break;
                }
                changed = status.changed() => if changed.is_err() { break },
            }
        }
        drop(raft);
        // Raft has stopped, or there is another one now.
        if status.has_changed().is_err() && serving.changed().await.is_err() {
            return;
        }
    }
}

fn leads(invariants: &Invariants, node: NodeId, term: u64) {
    match invariants.leaders.note(term, node) {
        None => {
            invariants.trace.count("terms led");
            invariants
                .trace
                .note(format_args!("{node} leads term {term}"));
        }
        Some(before) if before == node => {}
        Some(before) => invariants
            .trace
            .violated(format_args!("{before} and {node} both lead term {term}")),
    }
}
