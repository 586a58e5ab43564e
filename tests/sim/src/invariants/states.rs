//! Servers at the same revision hold the same bytes, and the time of the log never goes backwards, whatever clocks do.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use hm_model::Timestamp;
use hm_node::Serving;
use hm_state::State;
use tokio::sync::watch;

use super::Invariants;
use crate::cluster::Cluster;

/// What any server held at a revision.
#[derive(Clone, Default)]
pub(crate) struct States(Arc<Mutex<BTreeMap<u64, Held>>>);

#[derive(Clone, Copy, Eq, PartialEq)]
struct Held {
    time: Timestamp,
    /// Of every few revisions.
    bytes: Option<u64>,
}

/// To write out a whole state at each revision would be most of a run's work.
const COMPARED: u64 = 8;

impl States {
    /// What is wrong with this state, given all that was seen.
    fn compare(&self, state: &State) -> Option<String> {
        let revision = state.revision();
        let held = Held {
            time: state.time(),
            bytes: revision.is_multiple_of(COMPARED).then(|| checksum(state)),
        };
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(other) = seen.get(&revision) {
            return (*other != held)
                .then(|| format!("servers hold different states at revision {revision}"));
        }
        let before = seen.range(..revision).next_back();
        let after = seen.range(revision..).next();
        let backwards = before.is_some_and(|(_, before)| before.time > held.time)
            || after.is_some_and(|(_, after)| after.time < held.time);
        seen.insert(revision, held);
        backwards.then(|| format!("time goes backwards around revision {revision}"))
    }
}

fn checksum(state: &State) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut writer = state.snapshot();
    while let Some(chunk) = writer.next_chunk() {
        chunk.hash(&mut hasher);
    }
    hasher.finish()
}

/// Looks at every state this node's server shows.
pub(super) async fn look_on(invariants: Invariants, mut serving: watch::Receiver<Option<Serving>>) {
    loop {
        let store = serving
            .borrow_and_update()
            .as_ref()
            .map(|serving| serving.core.store().clone());
        let Some(store) = store else {
            if serving.changed().await.is_err() {
                return;
            }
            continue;
        };
        let mut revisions = store.revisions();
        loop {
            revisions.mark_unchanged();
            if let Some(wrong) = invariants.states.compare(&store.state()) {
                invariants.trace.violated(wrong);
            }
            tokio::select! {
                biased;
                changed = serving.changed() => {
                    if changed.is_err() { return }
                    break;
                }
                _ = revisions.changed() => {}
            }
        }
    }
}

/// At the end all servers are at the same revision: the bytes themselves are compared, not only their checksums.
pub(crate) fn at_the_end(cluster: &Cluster) {
    let mut first: Option<(u64, Vec<Vec<u8>>)> = None;
    for core in cluster.cores() {
        let state = core.store().state();
        let mut writer = state.snapshot();
        let bytes = std::iter::from_fn(|| writer.next_chunk()).collect();
        let held = (state.revision(), bytes);
        match &first {
            None => first = Some(held),
            Some(expected) if *expected != held => {
                cluster
                    .trace()
                    .violated(format_args!("{} ends with another state", core.id()));
            }
            Some(_) => {}
        }
    }
}
