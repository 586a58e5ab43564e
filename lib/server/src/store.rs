//! The state on this server: raft writes it, everyone reads clones of it, watchers follow its changes.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use hm_raft::{ApplyError, Frozen, Machine, RestoreError};
use hm_state::{Change, Envelope, Seen, Sight, SnapshotError, State, Writer};
use tokio::sync::watch;

/// So many changes are kept for watchers that come back; who is further behind lists anew.
const CHANGES_KEPT: usize = 16_384;

pub struct Store {
    inner: RwLock<Inner>,
    revision: watch::Sender<u64>,
}

#[derive(Default)]
struct Inner {
    state: State,
    feed: VecDeque<Batch>,
    kept: usize,
    /// The feed holds every change after this revision.
    since: u64,
}

/// What one entry changed.
#[derive(Clone)]
struct Batch {
    revision: u64,
    changes: Arc<[Change]>,
}

/// The changes after the asked revision are gone: the watcher has to list anew.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "changes after revision {asked} are no longer kept, the oldest kept follow revision {oldest}"
)]
pub struct Compacted {
    pub asked: u64,
    pub oldest: u64,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            inner: RwLock::default(),
            revision: watch::Sender::new(0),
        }
    }
}

impl Store {
    /// The state as it is now. Cheap; stays as it was.
    pub fn state(&self) -> State {
        self.read(|inner| inner.state.clone())
    }

    /// Wakes whoever waits for changes.
    pub fn revisions(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    /// Comes back when this server has applied the entry at `revision`.
    pub async fn reached(&self, revision: u64) {
        let mut revisions = self.revision.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = revisions.wait_for(|reached| *reached >= revision).await;
    }

    /// What a role sees of the changes after `after`, and the revision they lead to. Several changes of an object are one.
    pub(crate) fn seen_since(
        &self,
        after: u64,
        sight: Sight,
    ) -> Result<(u64, Vec<Seen>), Compacted> {
        self.read(|inner| {
            if after < inner.since || after > inner.state.revision() {
                return Err(Compacted {
                    asked: after,
                    oldest: inner.since,
                });
            }
            let start = inner.feed.partition_point(|batch| batch.revision <= after);
            let changes = inner
                .feed
                .range(start..)
                .flat_map(|batch| batch.changes.iter());
            let seen = inner.state.see_all(sight, changes);
            Ok((inner.state.revision(), seen))
        })
    }

    fn read<R>(&self, question: impl FnOnce(&Inner) -> R) -> R {
        question(&self.inner.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<R>(&self, change: impl FnOnce(&mut Inner) -> R) -> R {
        let (result, revision) = {
            let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
            (change(&mut inner), inner.state.revision())
        };
        self.revision.send_replace(revision);
        result
    }
}

impl Inner {
    fn remember(&mut self, revision: u64, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        self.kept += changes.len();
        self.feed.push_back(Batch {
            revision,
            changes: changes.into(),
        });
        while self.kept > CHANGES_KEPT {
            let Some(oldest) = self.feed.pop_front() else {
                break;
            };
            self.kept -= oldest.changes.len();
            self.since = oldest.revision;
        }
    }
}

/// The store as raft sees it.
pub struct StoreMachine(pub Arc<Store>);

impl Machine for StoreMachine {
    fn apply(&mut self, index: u64, entry: &[u8]) -> Result<Bytes, ApplyError> {
        let envelope = Envelope::from_bytes(entry).map_err(|error| ApplyError {
            index,
            reason: error.to_string(),
        })?;
        Ok(self.0.write(|inner| {
            let applied = inner.state.apply(index, &envelope);
            inner.remember(index, applied.changes);
            Bytes::from(applied.reply.to_bytes())
        }))
    }

    fn freeze(&self) -> Box<dyn Frozen> {
        Box::new(FrozenState(self.0.state().snapshot()))
    }

    fn restore(
        &mut self,
        index: u64,
        chunks: &mut dyn Iterator<Item = Bytes>,
    ) -> Result<(), RestoreError> {
        let state = State::restore(chunks).map_err(restore_error)?;
        if state.revision() > index {
            let reason = format!(
                "it is of revision {}, which is after {index}",
                state.revision()
            );
            return Err(RestoreError::Malformed { chunk: 0, reason });
        }
        self.0.write(|inner| {
            *inner = Inner {
                since: state.revision(),
                state,
                feed: VecDeque::new(),
                kept: 0,
            }
        });
        Ok(())
    }
}

struct FrozenState(Writer);

impl Frozen for FrozenState {
    fn next_chunk(&mut self) -> Option<Bytes> {
        self.0.next_chunk().map(Bytes::from)
    }
}

fn restore_error(error: SnapshotError) -> RestoreError {
    match error {
        SnapshotError::Newer { found } => RestoreError::NewerFormat {
            found: found.into(),
            known: hm_state::SNAPSHOT_FORMAT.into(),
        },
        SnapshotError::Damaged { frame, .. } | SnapshotError::Cut { frame } => {
            RestoreError::Malformed {
                chunk: frame,
                reason: error.to_string(),
            }
        }
    }
}
