//! Reading a whole store before it is used: every page's checksum, every record's, and that they fit together.

use hm_model::NodeId;
use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable, TableError, TableHandle};
use serde::de::DeserializeOwned;

use super::log::LogView;
use super::{
    CACHE_BYTES, CHUNKS, COMMITS, IDENTITY, LOG, META, Marked, Marks, PURGED, SNAPSHOT, StoreError,
    VOTE,
};
use crate::record::{
    self, EntryRecord, Identity, PlaceRecord, RecordError, Sequence, SnapshotRecord, VoteRecord,
};
use crate::types::{LogId, log_id};

/// What a sound store holds.
pub(super) struct Found {
    pub(super) commits: u64,
    pub(super) vote: Option<VoteRecord>,
    pub(super) log: LogView,
    pub(super) snapshot: Option<SnapshotRecord>,
    pub(super) highest_generation: u64,
}

/// Opens redb's part and has it check every page. Its repairs stay in memory until the marks agree.
pub(super) fn open_database(
    name: &str,
    marked: &Marked,
    marks: Marks,
) -> Result<Database, StoreError> {
    let mut database = redb::Builder::new()
        .set_cache_size(CACHE_BYTES)
        .create_with_backend(marked.clone())
        .map_err(|source| StoreError::engine(name, "open", source))?;
    if marks == Marks::Missing {
        return Ok(database);
    }
    match database.check_integrity() {
        Ok(true) => Ok(database),
        Ok(false) => Err(StoreError::DamagedFile {
            store: name.to_owned(),
            reason: "its pages do not fit together".to_owned(),
        }),
        Err(source) => Err(StoreError::engine(name, "check", source)),
    }
}

/// Every acknowledged commit is marked after it is durable: a store may be one commit ahead of its mark, never behind.
pub(super) fn compare_with_marks(name: &str, found: u64, marks: Marks) -> Result<(), StoreError> {
    let damaged = |reason: &str| StoreError::DamagedFile {
        store: name.to_owned(),
        reason: reason.to_owned(),
    };
    match marks {
        Marks::At(acknowledged) if found < acknowledged => Err(StoreError::RolledBack {
            store: name.to_owned(),
            found,
            acknowledged,
        }),
        Marks::At(acknowledged) if found > acknowledged + 1 => {
            Err(damaged("its marks (offset 0 and 4096) are too old"))
        }
        Marks::At(_) => Ok(()),
        // A new store has no mark yet.
        Marks::Missing => Ok(()),
    }
}

pub(super) fn examine(name: &str, database: &Database, node: NodeId) -> Result<Found, StoreError> {
    let tx = database
        .begin_read()
        .map_err(|source| StoreError::engine(name, "begin a read", source))?;
    let reader = Reader { name, tx: &tx };
    reader.only_known_tables()?;
    if let Some(identity) = reader.meta::<Identity>(IDENTITY)?
        && identity.node != node.as_u64()
    {
        let found = NodeId::from_u64(identity.node);
        return Err(StoreError::OtherNode {
            store: name.to_owned(),
            found,
            expected: node,
        });
    }
    let commits = reader
        .meta::<Sequence>(COMMITS)?
        .map_or(0, |sequence| sequence.commits);
    let vote = reader.meta::<VoteRecord>(VOTE)?;
    let snapshot = reader.meta::<SnapshotRecord>(SNAPSHOT)?;
    let purged = reader.meta::<PlaceRecord>(PURGED)?.map(PlaceRecord::log_id);
    let log = LogView::new(purged, reader.log(purged)?);
    let highest_generation = reader.chunks(snapshot.as_ref())?;
    if let Some(purged) = purged
        && snapshot
            .as_ref()
            .and_then(|snapshot| snapshot.last)
            .is_none_or(|last| last.index < purged.index)
    {
        return Err(StoreError::MissingEntry {
            store: name.to_owned(),
            index: purged.index,
        });
    }
    Ok(Found {
        commits,
        vote,
        log,
        snapshot,
        highest_generation,
    })
}

struct Reader<'a> {
    name: &'a str,
    tx: &'a ReadTransaction,
}

impl Reader<'_> {
    fn only_known_tables(&self) -> Result<(), StoreError> {
        let tables = self
            .tx
            .list_tables()
            .map_err(|source| self.engine("list the tables", source))?;
        for table in tables {
            if ![META.name(), LOG.name(), CHUNKS.name()].contains(&table.name()) {
                return Err(StoreError::UnknownTable {
                    store: self.name.to_owned(),
                    table: table.name().to_owned(),
                });
            }
        }
        Ok(())
    }

    fn meta<T: DeserializeOwned>(&self, key: &'static str) -> Result<Option<T>, StoreError> {
        let table = match self.tx.open_table(META) {
            Ok(table) => table,
            Err(TableError::TableDoesNotExist(_)) => return Ok(None),
            Err(source) => return Err(self.engine("open table meta", source)),
        };
        let sealed = table
            .get(key)
            .map_err(|source| self.engine("read table meta", source))?;
        let decoded = sealed.map(|sealed| record::decode(key.as_bytes(), sealed.value()));
        decoded
            .transpose()
            .map_err(|reason| StoreError::record(self.name, "meta", key, reason))
    }

    /// Checks every entry; returns the id of the last.
    fn log(&self, purged: Option<LogId>) -> Result<Option<LogId>, StoreError> {
        let table = match self.tx.open_table(LOG) {
            Ok(table) => table,
            Err(TableError::TableDoesNotExist(_)) => return Ok(purged),
            Err(source) => return Err(self.engine("open table log", source)),
        };
        let mut last = purged;
        for row in table
            .iter()
            .map_err(|source| self.engine("read table log", source))?
        {
            let (key, sealed) = row.map_err(|source| self.engine("read table log", source))?;
            let entry = decode_entry(self.name, key.value(), sealed.value())?;
            let expected = last.map_or(0, |last| last.index + 1);
            if entry.index != expected {
                return Err(StoreError::MissingEntry {
                    store: self.name.to_owned(),
                    index: expected,
                });
            }
            if last.is_some_and(|last| last.leader_id.term > entry.term) {
                let reason = RecordError::Misplaced(format!(
                    "its term {} is lower than the one before",
                    entry.term
                ));
                return Err(StoreError::record(self.name, "log", key.value(), reason));
            }
            last = Some(log_id(entry.term, entry.index));
        }
        Ok(last)
    }

    /// Checks the snapshot's chunks; returns the highest generation there is, finished or not.
    fn chunks(&self, snapshot: Option<&SnapshotRecord>) -> Result<u64, StoreError> {
        let table = match self.tx.open_table(CHUNKS) {
            Ok(table) => table,
            Err(TableError::TableDoesNotExist(_)) => {
                return match snapshot.filter(|snapshot| snapshot.chunks > 0) {
                    Some(snapshot) => Err(missing_chunk(self.name, snapshot.generation, 0)),
                    None => Ok(snapshot.map_or(0, |snapshot| snapshot.generation)),
                };
            }
            Err(source) => return Err(self.engine("open table chunks", source)),
        };
        if let Some(snapshot) = snapshot {
            for chunk in 0..snapshot.chunks {
                let key = (snapshot.generation, chunk);
                let sealed = table
                    .get(key)
                    .map_err(|source| self.engine("read table chunks", source))?;
                let sealed = sealed.ok_or_else(|| missing_chunk(self.name, key.0, key.1))?;
                record::unseal(&chunk_key(key), sealed.value()).map_err(|reason| {
                    StoreError::record(self.name, "chunks", format!("{key:?}"), reason)
                })?;
            }
        }
        let last = table
            .last()
            .map_err(|source| self.engine("read table chunks", source))?;
        let highest = last.map_or(0, |(key, _)| key.value().0);
        Ok(highest.max(snapshot.map_or(0, |snapshot| snapshot.generation)))
    }

    fn engine(&self, doing: &'static str, source: impl Into<redb::Error>) -> StoreError {
        StoreError::engine(self.name, doing, source)
    }
}

/// Checks and decodes one entry of the log, which must be the one its key says.
pub(super) fn decode_entry(
    name: &str,
    index: u64,
    sealed: &[u8],
) -> Result<EntryRecord, StoreError> {
    let damaged = |reason| StoreError::record(name, "log", index, reason);
    let entry: EntryRecord = record::decode(&index.to_le_bytes(), sealed).map_err(damaged)?;
    if entry.index == index {
        Ok(entry)
    } else {
        Err(damaged(RecordError::Misplaced(format!(
            "it says it is entry {}",
            entry.index
        ))))
    }
}

pub(super) fn missing_chunk(name: &str, generation: u64, chunk: u64) -> StoreError {
    let reason = RecordError::Misplaced("it is missing".to_owned());
    StoreError::record(name, "chunks", format!("{:?}", (generation, chunk)), reason)
}

pub(super) fn chunk_key((generation, chunk): (u64, u64)) -> [u8; 16] {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&generation.to_le_bytes());
    key[8..].copy_from_slice(&chunk.to_le_bytes());
    key
}
