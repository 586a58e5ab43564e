//! A watcher that follows, loses its server, and resumes or lists anew, ends with a true copy of the state.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hm_ports::task::Scope;
use hm_server::{Core, Step, Watcher};
use hm_state::{Key, Object, Seen, Sight, State};
use tokio::time::sleep;

use crate::cluster::Cluster;

const SIGHT: Sight = Sight::Administrator;
/// How soon a client notices that its server is gone.
const LOOKS_EVERY: Duration = Duration::from_millis(50);

/// One watcher's copy.
#[derive(Clone, Default)]
pub(crate) struct Mirror(Arc<Mutex<(u64, BTreeMap<Key, Object>)>>);

impl Mirror {
    fn list(&self, step: Step) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (step.revision, BTreeMap::new());
        self.change(step);
    }

    fn change(&self, step: Step) {
        let mut copy = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        copy.0 = step.revision;
        for Seen { key, object } in step.seen {
            match object {
                Some(object) => copy.1.insert(key, object),
                None => copy.1.remove(&key),
            };
        }
    }

    fn revision(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    /// The keys about which this copy is wrong.
    pub(crate) fn wrong(&self, state: &State) -> Vec<Key> {
        let expected: BTreeMap<Key, Object> = state
            .list(SIGHT)
            .into_iter()
            .filter_map(|seen| Some((seen.key, seen.object?)))
            .collect();
        let copy = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lost = expected
            .iter()
            .filter(|(key, object)| copy.1.get(key) != Some(object));
        let kept = copy.1.keys().filter(|key| !expected.contains_key(key));
        lost.map(|(key, _)| key).chain(kept).cloned().collect()
    }
}

/// Follows the state for ever, at one server after the other.
pub(crate) async fn watch(cluster: Arc<Cluster>, mirror: Mirror) {
    loop {
        if let Some((core, scope)) = cluster.some_server() {
            let following = scope.enter(follow(cluster.clone(), core.clone(), mirror.clone()));
            tokio::select! {
                biased;
                () = gone(&core, &scope) => {}
                () = following => {}
            }
        }
        sleep(LOOKS_EVERY).await;
    }
}

/// Follows one server for as long as it serves.
pub(crate) async fn follow(cluster: Arc<Cluster>, core: Arc<Core>, mirror: Mirror) {
    let store = core.store();
    let resumed = match mirror.revision() {
        0 => None,
        revision => Watcher::resume(store.clone(), SIGHT, revision).ok(),
    };
    let mut watcher = match resumed {
        Some(watcher) => {
            cluster.trace().count("watches resumed");
            watcher
        }
        None => {
            cluster.trace().count("watches listed anew");
            let (list, watcher) = Watcher::list(store.clone(), SIGHT);
            mirror.list(list);
            watcher
        }
    };
    while let Ok(step) = watcher.next().await {
        mirror.change(step);
    }
}

/// Comes back when this server cannot be watched any more.
async fn gone(core: &Core, scope: &Scope) {
    let status = core.raft().status();
    while !scope.is_dead() && status.borrow().running == hm_raft::Running::Yes {
        sleep(LOOKS_EVERY).await;
    }
}

pub(crate) fn at_the_end(cluster: &Cluster, mirrors: &[Mirror]) {
    let Some(core) = cluster.cores().into_iter().next() else {
        return;
    };
    let state = core.store().state();
    for (number, mirror) in mirrors.iter().enumerate() {
        let wrong = mirror.wrong(&state);
        if !wrong.is_empty() {
            cluster.trace().violated(format_args!(
                "watcher {number} at {} of {} is wrong about {wrong:?}",
                mirror.revision(),
                state.revision()
            ));
        }
    }
}
