//! The durable part: votes, log and snapshots in one redb file, every record checked on every read.
//!
//! Acknowledged means synced twice: redb's commit, then the mark that proves it (see [`marked`]).

mod error;
mod examine;
mod log;
mod marked;
mod snapshots;

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use hm_model::NodeId;
use openraft::EntryPayload;
use redb::{
    Database, ReadTransaction, ReadableDatabase, StorageBackend, TableDefinition, WriteTransaction,
};
use tokio::sync::Notify;

pub use error::StoreError;
pub(crate) use snapshots::{Building, StoredSnapshot};

use crate::disk::{self, Disk};
use crate::record::{self, FORMAT, Identity, Sequence, VoteRecord};
use crate::types::Entry;
use log::LogView;
use marked::{Marked, Marks};
use snapshots::Snapshots;

const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
const LOG: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("log");
const CHUNKS: TableDefinition<'_, (u64, u64), &[u8]> = TableDefinition::new("chunks");

const IDENTITY: &str = "identity";
const COMMITS: &str = "commits";
const VOTE: &str = "vote";
const PURGED: &str = "purged";
const SNAPSHOT: &str = "snapshot";

/// How much of the log is looked at in one go when it is counted.
const PAGE_BYTES: usize = 256 << 10;
/// redb's default would be 1 GiB.
const CACHE_BYTES: usize = 4 << 20;

/// Where the store lies.
pub struct Storage {
    name: String,
    backend: Box<dyn StorageBackend>,
    birth: Birth,
}

/// What an empty backend means.
enum Birth {
    /// A new store.
    Here,
    /// A new store, which gets its name once it is complete, so that a store with a name is never half made.
    Under { temporary: PathBuf, path: PathBuf },
    /// Damage: this store existed.
    Never,
}

impl Storage {
    /// A file, made if it is missing.
    pub fn file(path: &Path) -> Result<Self, StoreError> {
        let failed = |doing, source| StoreError::File {
            path: path.to_owned(),
            doing,
            source,
        };
        let exists = path
            .try_exists()
            .map_err(|source| failed("look for", source))?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).mode(0o600);
        let (file, birth) = if exists {
            (
                options
                    .open(path)
                    .map_err(|source| failed("open", source))?,
                Birth::Never,
            )
        } else {
            let mut temporary = path.as_os_str().to_owned();
            temporary.push(".new");
            let temporary = PathBuf::from(temporary);
            let file = options.create(true).truncate(true).open(&temporary);
            (
                file.map_err(|source| failed("create", source))?,
                Birth::Under {
                    temporary,
                    path: path.to_owned(),
                },
            )
        };
        let name = path.display().to_string();
        let backend = redb::backends::FileBackend::new(file)
            .map_err(|source| StoreError::engine(&name, "open", source))?;
        Ok(Self {
            name,
            backend: Box::new(backend),
            birth,
        })
    }

    /// Any backend; an empty one becomes a new store. For simulations.
    pub fn backend(name: &str, backend: impl StorageBackend) -> Self {
        Self {
            name: name.to_owned(),
            backend: Box::new(backend),
            birth: Birth::Here,
        }
    }
}

/// The open store. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Store(Arc<Inner>);

struct Inner {
    name: String,
    disk: Arc<dyn Disk>,
    database: RwLock<Option<Database>>,
    marked: Marked,
    commits: Mutex<Commits>,
    vote: Mutex<Option<VoteRecord>>,
    log: Mutex<LogView>,
    /// Wakes an append that waits for the snapshot below it.
    settled: Notify,
    snapshots: Mutex<Snapshots>,
    next_generation: AtomicU64,
}

/// How many commits were acknowledged; none are taken after a failure, for then nobody knows what is on disk.
#[derive(Clone, Copy)]
enum Commits {
    Sound(u64),
    Broken,
}

/// Whether anybody relies on this commit.
#[derive(Clone, Copy)]
pub(crate) enum Reliance {
    /// Somebody will: marked, so that its loss would be noticed.
    Acknowledged,
    /// Nobody yet: pieces of a snapshot that is not complete.
    Scratch,
}

impl Store {
    /// Opens or makes the store, and reads all of it: what is damaged is named here, not later.
    pub(crate) async fn open(
        storage: Storage,
        node: NodeId,
        disk: Arc<dyn Disk>,
    ) -> Result<Self, StoreError> {
        let name = storage.name.clone();
        let runner = disk.clone();
        disk::run(&*runner, move || Self::open_blocking(storage, node, disk))
            .await
            .unwrap_or(Err(StoreError::DiskGone { store: name }))
    }

    fn open_blocking(
        storage: Storage,
        node: NodeId,
        disk: Arc<dyn Disk>,
    ) -> Result<Self, StoreError> {
        let Storage {
            name,
            backend,
            birth,
        } = storage;
        let io = |doing| {
            let name = name.clone();
            move |source| StoreError::engine(&name, doing, redb::Error::Io(source))
        };
        let marked = Marked::new(backend).map_err(io("measure the file"))?;
        let marks = marked.marks().map_err(io("read the marks"))?;
        match (&birth, marks) {
            (_, Marks::At(_)) => {}
            (Birth::Never, Marks::Missing) => {
                let reason = "neither of its marks (offset 0 and 4096) is intact".to_owned();
                return Err(StoreError::DamagedFile {
                    store: name,
                    reason,
                });
            }
            // Nothing was ever acknowledged: this store is new, or its making was interrupted.
            (Birth::Here | Birth::Under { .. }, Marks::Missing) => marked.start_over(),
        }
        let database = examine::open_database(&name, &marked, marks)?;
        let found = examine::examine(&name, &database, node)?;
        examine::compare_with_marks(&name, found.commits, marks)?;
        marked.release().map_err(io("write"))?;
        if matches!(marks, Marks::At(mark) if mark < found.commits) {
            // The last commit lost its mark to a crash. The next one will overwrite the other mark.
            marked.mark(found.commits).map_err(io("write a mark"))?;
        }
        let inner = Inner {
            name,
            disk,
            database: RwLock::new(Some(database)),
            marked,
            commits: Mutex::new(Commits::Sound(found.commits)),
            vote: Mutex::new(found.vote),
            log: Mutex::new(found.log),
            settled: Notify::new(),
            next_generation: AtomicU64::new(found.highest_generation + 1),
            snapshots: Mutex::new(Snapshots::new(found.snapshot)),
        };
        let store = Self(Arc::new(inner));
        if found.commits == 0 {
            let identity = Identity {
                format: FORMAT,
                node: node.as_u64(),
            };
            store.commit(Reliance::Acknowledged, |tx| {
                store.put_meta(tx, IDENTITY, &identity)
            })?;
        }
        if let Birth::Under { temporary, path } = birth {
            give_name(&temporary, &path)?;
        }
        Ok(store)
    }

    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    pub(crate) fn vote(&self) -> Option<VoteRecord> {
        lock(&self.0.vote).clone()
    }

    pub(crate) async fn save_vote(&self, vote: VoteRecord) -> Result<(), StoreError> {
        let store = self.clone();
        self.run(move || {
            store.commit(Reliance::Acknowledged, |tx| store.put_meta(tx, VOTE, &vote))?;
            *lock(&store.0.vote) = Some(vote);
            Ok(())
        })
        .await
    }

    /// How many entries of the machine are on this disk, agreed on or not: those in the snapshot and those in the log.
    pub(crate) async fn held(&self) -> Result<u64, StoreError> {
        let (mut held, mut next) = self.snapshot().map_or((0, 0), |snapshot| {
            let record = snapshot.record();
            let next = record.meta().last_log_id.map_or(0, |last| last.index + 1);
            (record.applied, next)
        });
        loop {
            let entries = self.entries(next..u64::MAX, PAGE_BYTES).await?;
            let Some(last) = entries.last() else {
                return Ok(held);
            };
            next = last.log_id.index + 1;
            held += entries.iter().map(batch_size).sum::<u64>();
        }
    }

    /// Writes what is left to write and lets go of the file.
    pub(crate) async fn close(&self) {
        let store = self.clone();
        let closed = self.run(move || {
            let database = store
                .0
                .database
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            drop(database);
            Ok(())
        });
        if let Err(error) = closed.await {
            tracing::warn!(%error, "the store did not close");
        }
    }

    /// Runs a job on the disk.
    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let gone = StoreError::DiskGone {
            store: self.0.name.clone(),
        };
        disk::run(&*self.0.disk, job).await.unwrap_or(Err(gone))
    }

    /// One transaction, durable when this returns. Blocking.
    fn commit<T>(
        &self,
        reliance: Reliance,
        work: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let database = self.database()?;
        let database = database.as_ref().ok_or_else(|| self.closed())?;
        let mut commits = lock(&self.0.commits);
        let Commits::Sound(acknowledged) = *commits else {
            return Err(StoreError::Broken {
                store: self.0.name.clone(),
            });
        };
        *commits = Commits::Broken;
        let tx = database
            .begin_write()
            .map_err(|source| self.engine("begin a write", source))?;
        let done = work(&tx)?;
        let after = match reliance {
            Reliance::Acknowledged => {
                let sequence = Sequence {
                    format: FORMAT,
                    commits: acknowledged + 1,
                };
                self.put_meta(&tx, COMMITS, &sequence)?;
                acknowledged + 1
            }
            Reliance::Scratch => acknowledged,
        };
        tx.commit()
            .map_err(|source| self.engine("commit", source))?;
        if after != acknowledged {
            self.0
                .marked
                .mark(after)
                .map_err(|source| self.engine("write a mark", redb::Error::Io(source)))?;
        }
        *commits = Commits::Sound(after);
        Ok(done)
    }

    fn put_meta<T: serde::Serialize>(
        &self,
        tx: &WriteTransaction,
        key: &'static str,
        value: &T,
    ) -> Result<(), StoreError> {
        let sealed = record::encode(key.as_bytes(), value)
            .map_err(|reason| StoreError::record(self.name(), "meta", key, reason))?;
        let mut table = tx
            .open_table(META)
            .map_err(|source| self.engine("open table meta", source))?;
        table
            .insert(key, &*sealed)
            .map_err(|source| self.engine("write table meta", source))?;
        Ok(())
    }

    /// A consistent view. Blocking.
    fn read(&self) -> Result<ReadTransaction, StoreError> {
        let database = self.database()?;
        let database = database.as_ref().ok_or_else(|| self.closed())?;
        database
            .begin_read()
            .map_err(|source| self.engine("begin a read", source))
    }

    fn database(&self) -> Result<RwLockReadGuard<'_, Option<Database>>, StoreError> {
        self.0.database.read().map_err(|_| StoreError::Broken {
            store: self.0.name.clone(),
        })
    }

    fn closed(&self) -> StoreError {
        StoreError::Closed {
            store: self.0.name.clone(),
        }
    }

    fn engine(&self, doing: &'static str, source: impl Into<redb::Error>) -> StoreError {
        StoreError::engine(&self.0.name, doing, source)
    }
}

fn batch_size(entry: &Entry) -> u64 {
    match &entry.payload {
        EntryPayload::Normal(batch) => batch.0.len() as u64,
        EntryPayload::Blank | EntryPayload::Membership(_) => 0,
    }
}

/// Renames the finished store and makes the name durable.
fn give_name(temporary: &Path, path: &Path) -> Result<(), StoreError> {
    let failed = |doing| {
        move |source| StoreError::File {
            path: path.to_owned(),
            doing,
            source,
        }
    };
    std::fs::rename(temporary, path).map_err(failed("name"))?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed("sync the folder of"))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
