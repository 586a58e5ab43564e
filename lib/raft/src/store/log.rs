//! The log: appended, read back, cut at the end when a new leader disagrees, cut at the front behind a snapshot.

use std::collections::BTreeMap;
use std::ops::Range;

use redb::WriteTransaction;

use super::examine::decode_entry;
use super::{LOG, PURGED, Reliance, Store, StoreError, lock};
use crate::record::{self, EntryRecord, PlaceRecord};
use crate::types::{Entry, LogId};

/// Recent entries are kept in memory, for replication and `apply` read what was just written.
const RECENT_BYTES: usize = 1 << 20;
/// What one entry costs in memory besides its payload.
const ENTRY_BYTES: usize = 128;

/// What is in the log, without reading it.
#[derive(Default)]
pub(super) struct LogView {
    purged: Option<LogId>,
    /// The index of the first entry, or of the next one while there is none.
    first: u64,
    last: Option<LogId>,
    /// A purge that must not reach the disk before the snapshot that replaces the entries: openraft orders it while the
    /// snapshot is still being installed, and a crash in between would leave neither.
    waiting: Option<Waiting>,
    recent: BTreeMap<u64, (Entry, usize)>,
    recent_bytes: usize,
}

#[derive(Clone, Copy)]
struct Waiting {
    upto: LogId,
    reach: Reach,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Reach {
    /// Some of the log stays: what is appended joins it.
    WithinLog,
    /// Nothing stays: what is appended now would lie behind a hole.
    BeyondLog,
}

impl LogView {
    /// `last` is the last entry's id, or `purged` if there is none.
    pub(super) fn new(purged: Option<LogId>, last: Option<LogId>) -> Self {
        Self {
            purged,
            first: next(purged),
            last,
            ..Self::default()
        }
    }

    fn remember(&mut self, entry: &Entry, size: usize) {
        if self.last.is_none() {
            self.first = entry.log_id.index;
        }
        self.last = Some(entry.log_id);
        self.recent
            .insert(entry.log_id.index, (entry.clone(), size));
        self.recent_bytes += size;
        while self.recent_bytes > RECENT_BYTES && self.recent.len() > 1 {
            self.recent_bytes -= self.recent.pop_first().map_or(0, |(_, (_, size))| size);
        }
    }

    fn forget(&mut self, range: Range<u64>) {
        let indexes: Vec<u64> = self.recent.range(range).map(|(index, _)| *index).collect();
        for index in indexes {
            self.recent_bytes -= self.recent.remove(&index).map_or(0, |(_, size)| size);
        }
    }

    /// The indexes that can be read.
    fn present(&self) -> Range<u64> {
        self.first..next(self.last)
    }
}

fn next(id: Option<LogId>) -> u64 {
    id.map_or(0, |id| id.index + 1)
}

impl Store {
    /// The last purged id and the last id.
    pub(crate) fn log_ends(&self) -> (Option<LogId>, Option<LogId>) {
        let view = lock(&self.0.log);
        (view.purged, view.last)
    }

    /// Appends in one transaction.
    pub(crate) async fn append(&self, entries: Vec<Entry>) -> Result<(), StoreError> {
        self.wait_until_joined().await;
        let store = self.clone();
        self.run(move || {
            let records = entries
                .iter()
                .map(|entry| store.seal_entry(entry))
                .collect::<Result<Vec<_>, _>>()?;
            store.commit(Reliance::Acknowledged, |tx| {
                let mut table = tx
                    .open_table(LOG)
                    .map_err(|source| store.engine("open table log", source))?;
                for (index, sealed) in &records {
                    table
                        .insert(index, &**sealed)
                        .map_err(|source| store.engine("write table log", source))?;
                }
                Ok(())
            })?;
            let mut view = lock(&store.0.log);
            for (entry, (_, sealed)) in entries.iter().zip(&records) {
                view.remember(entry, sealed.len() + ENTRY_BYTES);
            }
            Ok(())
        })
        .await
    }

    /// While a snapshot is being installed the entries below it are still on disk; nothing may be appended behind the hole.
    async fn wait_until_joined(&self) {
        loop {
            let settled = self.0.settled.notified();
            let waiting = lock(&self.0.log).waiting;
            if waiting.is_none_or(|waiting| waiting.reach == Reach::WithinLog) {
                return;
            }
            settled.await;
        }
    }

    fn is_beyond_the_snapshot(&self, upto: LogId) -> bool {
        lock(&self.0.snapshots)
            .last_index()
            .is_none_or(|snapshot| snapshot < upto.index)
    }

    fn seal_entry(&self, entry: &Entry) -> Result<(u64, Vec<u8>), StoreError> {
        let index = entry.log_id.index;
        let sealed = record::encode(&index.to_le_bytes(), &EntryRecord::from(entry))
            .map_err(|reason| StoreError::record(self.name(), "log", index, reason))?;
        Ok((index, sealed))
    }

    /// The entries of the range that exist, up to about `bytes` of them, at least one. A hole among them is damage.
    pub(crate) async fn entries(
        &self,
        range: Range<u64>,
        bytes: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let wanted = {
            let view = lock(&self.0.log);
            let present = view.present();
            let wanted = range.start.max(present.start)..range.end.min(present.end);
            if wanted.is_empty() {
                return Ok(Vec::new());
            }
            if view.recent.contains_key(&wanted.start) {
                return Ok(take_recent(&view.recent, wanted, bytes));
            }
            wanted
        };
        let store = self.clone();
        self.run(move || store.read_entries(wanted, bytes)).await
    }

    fn read_entries(&self, wanted: Range<u64>, bytes: usize) -> Result<Vec<Entry>, StoreError> {
        let tx = self.read()?;
        let table = tx
            .open_table(LOG)
            .map_err(|source| self.engine("open table log", source))?;
        let mut entries = Vec::new();
        let mut taken = 0;
        let mut expected = wanted.start;
        for row in table
            .range(wanted.clone())
            .map_err(|source| self.engine("read table log", source))?
        {
            let (key, sealed) = row.map_err(|source| self.engine("read table log", source))?;
            if key.value() != expected || (taken >= bytes && !entries.is_empty()) {
                break;
            }
            entries.push(decode_entry(self.name(), expected, sealed.value())?.entry());
            taken += sealed.value().len();
            expected += 1;
        }
        let whole = expected == wanted.end || taken >= bytes;
        // Entries may have been purged or cut off since the range was looked up; those are not missing.
        if whole || !lock(&self.0.log).present().contains(&expected) {
            Ok(entries)
        } else {
            Err(StoreError::MissingEntry {
                store: self.name().to_owned(),
                index: expected,
            })
        }
    }

    /// Removes the entries from `from` on.
    pub(crate) async fn truncate(&self, from: u64) -> Result<(), StoreError> {
        let store = self.clone();
        self.run(move || {
            let (purged, present) = {
                let view = lock(&store.0.log);
                (view.purged, view.present())
            };
            let end = present.end;
            let last = match from.checked_sub(1) {
                Some(before) if before >= present.start => store
                    .read_entries(before..from, usize::MAX)?
                    .first()
                    .map(|entry| entry.log_id),
                Some(_) | None => purged,
            };
            store.commit(Reliance::Acknowledged, |tx| {
                store.remove_entries(tx, from..end)
            })?;
            let mut view = lock(&store.0.log);
            view.forget(from..end);
            view.last = last;
            Ok(())
        })
        .await
    }

    /// Removes the entries up to and including `upto`: on disk only once a snapshot includes them.
    pub(crate) async fn purge(&self, upto: LogId) -> Result<(), StoreError> {
        let store = self.clone();
        self.run(move || {
            if store.is_beyond_the_snapshot(upto) {
                let mut view = lock(&store.0.log);
                let reach = if upto.index < view.present().end {
                    Reach::WithinLog
                } else {
                    Reach::BeyondLog
                };
                view.waiting = Some(Waiting { upto, reach });
            } else {
                store.commit(Reliance::Acknowledged, |tx| store.purge_in(tx, upto))?;
            }
            store.purged_to(upto);
            Ok(())
        })
        .await
    }

    /// The purge that waits for this snapshot, if any, becomes part of its transaction.
    pub(super) fn waiting_purge(&self, snapshot: Option<PlaceRecord>) -> Option<LogId> {
        let waiting = lock(&self.0.log).waiting?.upto;
        snapshot
            .filter(|snapshot| waiting.index <= snapshot.index)
            .map(|_| waiting)
    }

    pub(super) fn purge_done(&self) {
        lock(&self.0.log).waiting = None;
        self.0.settled.notify_waiters();
    }

    pub(super) fn purge_in(&self, tx: &WriteTransaction, upto: LogId) -> Result<(), StoreError> {
        self.remove_entries(tx, 0..upto.index + 1)?;
        self.put_meta(tx, PURGED, &PlaceRecord::from(upto))
    }

    fn purged_to(&self, upto: LogId) {
        let mut view = lock(&self.0.log);
        view.forget(0..upto.index + 1);
        view.purged = Some(upto);
        view.first = upto.index + 1;
        if next(view.last) <= upto.index {
            view.last = Some(upto);
        }
    }

    fn remove_entries(&self, tx: &WriteTransaction, range: Range<u64>) -> Result<(), StoreError> {
        let mut table = tx
            .open_table(LOG)
            .map_err(|source| self.engine("open table log", source))?;
        table
            .retain_in(range, |_, _| false)
            .map_err(|source| self.engine("write table log", source))
    }
}

fn take_recent(
    recent: &BTreeMap<u64, (Entry, usize)>,
    wanted: Range<u64>,
    bytes: usize,
) -> Vec<Entry> {
    let mut taken = 0;
    let fits = recent.range(wanted).take_while(|(_, (_, size))| {
        let fits = taken == 0 || taken < bytes;
        taken += size;
        fits
    });
    fits.map(|(_, (entry, _))| entry.clone()).collect()
}
