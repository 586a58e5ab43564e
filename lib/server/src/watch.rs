//! Following the state: a list first, then changes, each with the revision it leads to. Resumable until compacted.

use std::sync::Arc;

use hm_state::{Seen, Sight};
use tokio::sync::watch;

use crate::store::{Compacted, Store};

/// One follower of the state, with the sight of its role. Slow followers get fewer, merged steps; they never hold anyone up.
pub struct Watcher {
    store: Arc<Store>,
    sight: Sight,
    at: u64,
    revisions: watch::Receiver<u64>,
}

/// Everything a follower learns in one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub revision: u64,
    pub seen: Vec<Seen>,
}

impl Watcher {
    /// Begins with the whole list of what the role sees.
    pub fn list(store: Arc<Store>, sight: Sight) -> (Step, Self) {
        let state = store.state();
        let list = Step {
            revision: state.revision(),
            seen: state.list(sight),
        };
        let watcher = Self {
            at: state.revision(),
            revisions: store.revisions(),
            store,
            sight,
        };
        (list, watcher)
    }

    /// Goes on after `revision`, if the changes since are still kept.
    pub fn resume(store: Arc<Store>, sight: Sight, revision: u64) -> Result<Self, Compacted> {
        store.seen_since(revision, sight)?;
        Ok(Self {
            at: revision,
            revisions: store.revisions(),
            store,
            sight,
        })
    }

    /// Everything up to here was told, or is not for this role.
    pub fn revision(&self) -> u64 {
        self.at
    }

    /// The next step that shows this role something.
    pub async fn next(&mut self) -> Result<Step, Compacted> {
        loop {
            self.revisions.mark_unchanged();
            let (revision, seen) = self.store.seen_since(self.at, self.sight)?;
            self.at = revision;
            if !seen.is_empty() {
                return Ok(Step { revision, seen });
            }
            // The store outlives its watchers, so its sender does too.
            let _ = self.revisions.changed().await;
        }
    }
}
