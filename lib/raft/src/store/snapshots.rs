//! Snapshots: written chunk by chunk under a number of their own, made current in one transaction.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use bytes::Bytes;
use redb::WriteTransaction;

use super::examine::{chunk_key, missing_chunk};
use super::{CHUNKS, Reliance, SNAPSHOT, Store, StoreError, lock};
use crate::machine::{Frozen, Machine};
use crate::record::{self, SnapshotRecord};

/// The current snapshot, and which ones are being written or read.
pub(super) struct Snapshots {
    current: Option<SnapshotRecord>,
    pinned: BTreeMap<u64, Weak<()>>,
}

impl Snapshots {
    pub(super) fn new(current: Option<SnapshotRecord>) -> Self {
        Self {
            current,
            pinned: BTreeMap::new(),
        }
    }

    pub(super) fn last_index(&self) -> Option<u64> {
        self.current
            .as_ref()
            .and_then(|current| current.last)
            .map(|last| last.index)
    }

    fn pin(&mut self, generation: u64) -> Arc<()> {
        self.pinned.retain(|_, pin| pin.strong_count() > 0);
        if let Some(pin) = self.pinned.get(&generation).and_then(Weak::upgrade) {
            return pin;
        }
        let pin = Arc::new(());
        self.pinned.insert(generation, Arc::downgrade(&pin));
        pin
    }
}

/// A complete snapshot in the store. Its chunks stay while this lives.
#[derive(Clone)]
pub(crate) struct StoredSnapshot {
    store: Store,
    record: SnapshotRecord,
    _pin: Arc<()>,
}

/// A snapshot that is still being written.
pub(crate) struct Building {
    store: Store,
    generation: u64,
    chunks: u64,
    pin: Arc<()>,
}

impl Store {
    pub(crate) fn snapshot(&self) -> Option<StoredSnapshot> {
        let mut snapshots = lock(&self.0.snapshots);
        let record = snapshots.current.clone()?;
        let pin = snapshots.pin(record.generation);
        Some(StoredSnapshot {
            store: self.clone(),
            record,
            _pin: pin,
        })
    }

    pub(crate) fn build_snapshot(&self) -> Building {
        let generation = self.0.next_generation.fetch_add(1, Ordering::Relaxed);
        let pin = lock(&self.0.snapshots).pin(generation);
        Building {
            store: self.clone(),
            generation,
            chunks: 0,
            pin,
        }
    }

    /// Makes a snapshot current, unless there is a newer one, and drops the others and the log entries that waited for it.
    fn make_current(&self, record: SnapshotRecord) -> Result<(), StoreError> {
        let place = record.last.map(|last| (last.term, last.index));
        let keep = {
            let mut snapshots = lock(&self.0.snapshots);
            let current = snapshots.current.as_ref().and_then(|current| current.last);
            if current.map(|last| (last.term, last.index)) > place {
                return Ok(());
            }
            snapshots.pinned.retain(|_, pin| pin.strong_count() > 0);
            snapshots
                .pinned
                .keys()
                .copied()
                .chain([record.generation])
                .collect::<Vec<_>>()
        };
        let purge = self.waiting_purge(record.last);
        self.commit(Reliance::Acknowledged, |tx| {
            self.put_meta(tx, SNAPSHOT, &record)?;
            self.drop_chunks(tx, &keep)?;
            purge.map_or(Ok(()), |upto| self.purge_in(tx, upto))
        })?;
        lock(&self.0.snapshots).current = Some(record);
        if purge.is_some() {
            self.purge_done();
        }
        Ok(())
    }

    fn drop_chunks(&self, tx: &WriteTransaction, keep: &[u64]) -> Result<(), StoreError> {
        let mut table = tx
            .open_table(CHUNKS)
            .map_err(|source| self.engine("open table chunks", source))?;
        table
            .retain(|(generation, _), _| keep.contains(&generation))
            .map_err(|source| self.engine("write table chunks", source))
    }

    fn put_chunk(&self, key: (u64, u64), chunk: &[u8]) -> Result<(), StoreError> {
        let sealed = record::seal(&chunk_key(key), chunk.to_vec());
        self.commit(Reliance::Scratch, |tx| {
            let mut table = tx
                .open_table(CHUNKS)
                .map_err(|source| self.engine("open table chunks", source))?;
            table
                .insert(key, &*sealed)
                .map_err(|source| self.engine("write table chunks", source))?;
            Ok(())
        })
    }

    fn get_chunk(&self, key: (u64, u64)) -> Result<Bytes, StoreError> {
        let tx = self.read()?;
        let table = tx
            .open_table(CHUNKS)
            .map_err(|source| self.engine("open table chunks", source))?;
        let sealed = table
            .get(key)
            .map_err(|source| self.engine("read table chunks", source))?;
        let sealed = sealed.ok_or_else(|| missing_chunk(self.name(), key.0, key.1))?;
        let chunk = record::unseal(&chunk_key(key), sealed.value()).map_err(|reason| {
            StoreError::record(self.name(), "chunks", format!("{key:?}"), reason)
        })?;
        Ok(Bytes::copy_from_slice(chunk))
    }
}

impl Building {
    /// Writes a frozen state out, one chunk a job, so that appends get their turn in between.
    pub(crate) async fn write(&mut self, frozen: Box<dyn Frozen>) -> Result<(), StoreError> {
        let mut frozen = Some(frozen);
        while let Some(mut source) = frozen.take() {
            let store = self.store.clone();
            let key = (self.generation, self.chunks);
            let rest = self.store.run(move || {
                let Some(chunk) = source.next_chunk() else {
                    return Ok(None);
                };
                store.put_chunk(key, &chunk)?;
                Ok(Some(source))
            });
            frozen = rest.await?;
            self.chunks += u64::from(frozen.is_some());
        }
        Ok(())
    }

    /// Adds the next chunk.
    pub(crate) async fn push(&mut self, chunk: Bytes) -> Result<(), StoreError> {
        let store = self.store.clone();
        let key = (self.generation, self.chunks);
        self.store.run(move || store.put_chunk(key, &chunk)).await?;
        self.chunks += 1;
        Ok(())
    }

    /// The number it is stored under; never used for another snapshot that was current.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn chunks(&self) -> u64 {
        self.chunks
    }

    /// Ends the writing; the snapshot is complete, but not yet the current one.
    pub(crate) fn finish(self, mut record: SnapshotRecord) -> StoredSnapshot {
        record.generation = self.generation;
        record.chunks = self.chunks;
        StoredSnapshot {
            store: self.store,
            record,
            _pin: self.pin,
        }
    }
}

impl StoredSnapshot {
    pub(crate) fn record(&self) -> &SnapshotRecord {
        &self.record
    }

    pub(crate) async fn chunk(&self, number: u64) -> Result<Bytes, StoreError> {
        let store = self.store.clone();
        let key = (self.record.generation, number);
        self.store.run(move || store.get_chunk(key)).await
    }

    /// Makes this the store's snapshot, in one transaction.
    pub(crate) async fn make_current(&self) -> Result<(), StoreError> {
        let (store, record) = (self.store.clone(), self.record.clone());
        self.store.run(move || store.make_current(record)).await
    }

    /// Fills a machine from this snapshot. On an error the machine is not usable.
    pub(crate) async fn restore(
        &self,
        mut machine: Box<dyn Machine>,
    ) -> Result<Box<dyn Machine>, StoreError> {
        let snapshot = self.clone();
        self.store
            .run(move || {
                let mut failed = None;
                let mut chunks = Chunks {
                    snapshot: &snapshot,
                    next: 0,
                    failed: &mut failed,
                };
                let restored = machine.restore(snapshot.record.applied, &mut chunks);
                if let Some(error) = failed {
                    return Err(error);
                }
                let store = snapshot.store.name().to_owned();
                restored.map_err(|source| StoreError::Restore {
                    store,
                    id: snapshot.record.id.clone(),
                    source,
                })?;
                Ok(machine)
            })
            .await
    }

    /// This snapshot in `store`: itself, or a copy when it lies elsewhere.
    pub(crate) async fn moved_to(&self, store: &Store) -> Result<Self, StoreError> {
        if Arc::ptr_eq(&self.store.0, &store.0) {
            return Ok(self.clone());
        }
        let mut copy = store.build_snapshot();
        for number in 0..self.record.chunks {
            copy.push(self.chunk(number).await?).await?;
        }
        Ok(copy.finish(self.record.clone()))
    }
}

/// Pulls chunks for a machine; an error ends the sequence and is kept.
struct Chunks<'a> {
    snapshot: &'a StoredSnapshot,
    next: u64,
    failed: &'a mut Option<StoreError>,
}

impl Iterator for Chunks<'_> {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if self.next == self.snapshot.record.chunks {
            return None;
        }
        match self
            .snapshot
            .store
            .get_chunk((self.snapshot.record.generation, self.next))
        {
            Ok(chunk) => {
                self.next += 1;
                Some(chunk)
            }
            Err(error) => {
                *self.failed = Some(error);
                None
            }
        }
    }
}
