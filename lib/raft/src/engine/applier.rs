//! openraft's state machine over the [`Machine`].

use std::sync::{Arc, Mutex, PoisonError};

use openraft::storage::RaftStateMachine;
use openraft::{AnyError, EntryPayload, OptionalSend, RaftSnapshotBuilder, StorageIOError};
use tokio::sync::{Notify, watch};

use crate::machine::{Frozen, Machine};
use crate::record::{FORMAT, SnapshotRecord};
use crate::store::{Building, Store, StoreError, StoredSnapshot};
use crate::types::{
    Entry, LogId, Replies, Snapshot, SnapshotMeta, StorageError, StoredMembership, TypeConfig,
};

/// After so many bytes of entries a snapshot is due, however few entries they are.
const SNAPSHOT_BYTES: u64 = 16 << 20;

/// The machine and how far it is.
pub(crate) struct Applier {
    store: Store,
    /// Absent only while it is being restored, and for good if that failed.
    machine: Option<Unshared<Box<dyn Machine>>>,
    last: Option<LogId>,
    membership: StoredMembership,
    progress: Arc<Progress>,
    /// Bytes applied since a snapshot was last asked for.
    bytes: u64,
}

/// openraft asks for `Sync` but never shares; a mutex that is only ever used by its owner says so without `unsafe`.
struct Unshared<T>(Mutex<T>);

impl<T> Unshared<T> {
    fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    fn get(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    fn into_inner(self) -> T {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What others want to know about applying.
pub(crate) struct Progress {
    /// How many entries the machine has applied, ever.
    pub(crate) applied: watch::Sender<u64>,
    /// Rings when a snapshot is due.
    pub(crate) snapshot_due: Notify,
}

impl Applier {
    /// A machine as of the store's snapshot, or untouched.
    pub(crate) async fn open(
        store: Store,
        mut machine: Box<dyn Machine>,
    ) -> Result<Self, StoreError> {
        let mut record = SnapshotRecord::default();
        if let Some(snapshot) = store.snapshot() {
            machine = snapshot.restore(machine).await?;
            record.clone_from(snapshot.record());
        }
        let progress = Progress {
            applied: watch::Sender::new(record.applied),
            snapshot_due: Notify::new(),
        };
        Ok(Self {
            store,
            machine: Some(Unshared::new(machine)),
            last: record.meta().last_log_id,
            membership: record.stored_membership(),
            progress: Arc::new(progress),
            bytes: 0,
        })
    }

    pub(crate) fn progress(&self) -> Arc<Progress> {
        self.progress.clone()
    }

    /// openraft's errors are large, hence the boxes.
    fn machine(&mut self) -> Result<&mut dyn Machine, Box<StorageError>> {
        let broken = || StoreError::Broken {
            store: self.store.name().to_owned(),
        };
        let machine = self.machine.as_mut().map(|machine| machine.get().as_mut());
        machine.ok_or_else(|| {
            Box::new(StorageIOError::read_state_machine(AnyError::new(&broken())).into())
        })
    }

    fn apply_one(&mut self, entry: Entry) -> Result<Replies, Box<StorageError>> {
        let replies = match entry.payload {
            EntryPayload::Blank => Replies::default(),
            EntryPayload::Membership(membership) => {
                self.membership = StoredMembership::new(Some(entry.log_id), membership);
                Replies::default()
            }
            EntryPayload::Normal(batch) => {
                let first_index = *self.progress.applied.borrow() + 1;
                self.bytes += batch.0.iter().map(|bytes| bytes.len() as u64).sum::<u64>();
                let machine = self.machine()?;
                let replies: Vec<_> = (first_index..)
                    .zip(&batch.0)
                    .map(|(index, bytes)| machine.apply(index, bytes))
                    .collect::<Result<_, _>>()
                    .map_err(|error| {
                        let error = StorageIOError::apply(entry.log_id, AnyError::new(&error));
                        Box::new(StorageError::from(error))
                    })?;
                self.progress
                    .applied
                    .send_modify(|applied| *applied += replies.len() as u64);
                Replies {
                    first_index,
                    replies,
                }
            }
        };
        self.last = Some(entry.log_id);
        Ok(replies)
    }
}

fn snapshot_failed(error: &StoreError) -> StorageError {
    StorageIOError::write_snapshot(None, AnyError::new(error)).into()
}

impl RaftStateMachine<TypeConfig> for Applier {
    type SnapshotBuilder = Builder;

    async fn applied_state(&mut self) -> Result<(Option<LogId>, StoredMembership), StorageError> {
        Ok((self.last, self.membership.clone()))
    }

    async fn apply<I>(&mut self, entries: I) -> Result<Vec<Replies>, StorageError>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let replies = entries
            .into_iter()
            .map(|entry| self.apply_one(entry))
            .collect::<Result<_, _>>()
            .map_err(|error| *error);
        if self.bytes >= SNAPSHOT_BYTES {
            self.bytes = 0;
            self.progress.snapshot_due.notify_one();
        }
        replies
    }

    async fn get_snapshot_builder(&mut self) -> Builder {
        let building = self.store.build_snapshot();
        let (term, index) = self
            .last
            .map_or((0, 0), |last| (last.leader_id.term, last.index));
        let mut record = SnapshotRecord {
            format: FORMAT,
            applied: *self.progress.applied.borrow(),
            ..Default::default()
        };
        record.set_meta(&SnapshotMeta {
            last_log_id: self.last,
            last_membership: self.membership.clone(),
            snapshot_id: format!("{term}-{index}-{}", building.generation()),
        });
        self.bytes = 0;
        let frozen = self.machine.as_mut().map(|machine| machine.get().freeze());
        Builder {
            store: self.store.clone(),
            frozen: frozen.zip(Some(building)).map(Unshared::new),
            record,
        }
    }

    async fn begin_receiving_snapshot(&mut self) -> Result<Box<StoredSnapshot>, StorageError> {
        Ok(Box::new(
            self.store
                .build_snapshot()
                .finish(SnapshotRecord::default()),
        ))
    }

    async fn install_snapshot(
        &mut self,
        meta: &SnapshotMeta,
        snapshot: Box<StoredSnapshot>,
    ) -> Result<(), StorageError> {
        let snapshot = snapshot
            .moved_to(&self.store)
            .await
            .map_err(|error| snapshot_failed(&error))?;
        self.machine().map_err(|error| *error)?;
        let Some(machine) = self.machine.take() else {
            return Ok(());
        };
        let machine = snapshot
            .restore(machine.into_inner())
            .await
            .map_err(|error| snapshot_failed(&error))?;
        snapshot
            .make_current()
            .await
            .map_err(|error| snapshot_failed(&error))?;
        self.machine = Some(Unshared::new(machine));
        self.last = meta.last_log_id;
        self.membership = meta.last_membership.clone();
        self.bytes = 0;
        self.progress
            .applied
            .send_replace(snapshot.record().applied);
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot>, StorageError> {
        let snapshot = self.store.snapshot();
        Ok(snapshot.map(|snapshot| Snapshot {
            meta: snapshot.record().meta(),
            snapshot: Box::new(snapshot),
        }))
    }
}

/// Writes one frozen state to the store.
pub(crate) struct Builder {
    store: Store,
    /// Taken when the building begins.
    frozen: Option<Unshared<(Box<dyn Frozen>, Building)>>,
    record: SnapshotRecord,
}

impl Builder {
    async fn build(&mut self) -> Result<StoredSnapshot, StoreError> {
        let broken = || StoreError::Broken {
            store: self.store.name().to_owned(),
        };
        let (frozen, mut building) = self.frozen.take().ok_or_else(broken)?.into_inner();
        building.write(frozen).await?;
        let snapshot = building.finish(self.record.clone());
        snapshot.make_current().await?;
        Ok(snapshot)
    }
}

impl RaftSnapshotBuilder<TypeConfig> for Builder {
    async fn build_snapshot(&mut self) -> Result<Snapshot, StorageError> {
        let snapshot = self
            .build()
            .await
            .map_err(|error| snapshot_failed(&error))?;
        Ok(Snapshot {
            meta: snapshot.record().meta(),
            snapshot: Box::new(snapshot),
        })
    }
}
