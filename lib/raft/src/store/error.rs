//! What can be wrong with a store, with all an operator needs to act on it.

use std::io;
use std::path::PathBuf;

use hm_model::NodeId;

use crate::record::RecordError;

/// Ends every message about damage.
const REMEDY: &str = "nothing was changed; take this node out of the voters and let it join again with an empty data \
                      directory, or restore its data directory from a backup";

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot {doing} {}", path.display())]
    File {
        path: PathBuf,
        doing: &'static str,
        source: io::Error,
    },
    #[error("{store}: cannot {doing}")]
    Engine {
        store: String,
        doing: &'static str,
        source: Box<redb::Error>,
    },
    #[error("{store} is in use by another process")]
    InUse { store: String },
    #[error("{store} is damaged: {reason}; {REMEDY}")]
    DamagedFile { store: String, reason: String },
    #[error("{store} is damaged: table {table}, record {key}: {reason}; {REMEDY}")]
    DamagedRecord {
        store: String,
        table: &'static str,
        key: String,
        reason: RecordError,
    },
    #[error("{store} is damaged: table log: entry {index} is missing; {REMEDY}")]
    MissingEntry { store: String, index: u64 },
    #[error(
        "{store} is damaged: it holds {found} commits, but {acknowledged} were acknowledged; {REMEDY}"
    )]
    RolledBack {
        store: String,
        found: u64,
        acknowledged: u64,
    },
    #[error(
        "{store}: table {table}, record {key} has format {found}, this version reads up to {known}: start a newer version of Hivemind"
    )]
    NewerFormat {
        store: String,
        table: &'static str,
        key: String,
        found: u32,
        known: u32,
    },
    #[error(
        "{store} has a table `{table}`, which this version does not know: start a newer version of Hivemind"
    )]
    UnknownTable { store: String, table: String },
    #[error("{store} belongs to node {found}, this node is {expected}")]
    OtherNode {
        store: String,
        found: NodeId,
        expected: NodeId,
    },
    #[error("{store} took no more writes after an earlier failure")]
    Broken { store: String },
    #[error("{store} is closed")]
    Closed { store: String },
    #[error("{store}: the disk stopped in the middle of a job")]
    DiskGone { store: String },
    #[error("{store}: snapshot {id} cannot become the state")]
    Restore {
        store: String,
        id: String,
        source: crate::machine::RestoreError,
    },
}

impl StoreError {
    /// Names the record; a newer format is not damage.
    pub(crate) fn record(
        store: &str,
        table: &'static str,
        key: impl ToString,
        reason: RecordError,
    ) -> Self {
        let (store, key) = (store.to_owned(), key.to_string());
        match reason {
            RecordError::NewerFormat { found, known } => Self::NewerFormat {
                store,
                table,
                key,
                found,
                known,
            },
            reason @ (RecordError::Short
            | RecordError::Checksum { .. }
            | RecordError::Malformed(_)
            | RecordError::Misplaced(_)) => Self::DamagedRecord {
                store,
                table,
                key,
                reason,
            },
        }
    }

    /// redb's own findings of damage become ours, everything else stays an engine error.
    pub(crate) fn engine(store: &str, doing: &'static str, source: impl Into<redb::Error>) -> Self {
        let store = store.to_owned();
        let source = source.into();
        if let redb::Error::Corrupted(reason) = source {
            return Self::DamagedFile { store, reason };
        }
        if matches!(source, redb::Error::DatabaseAlreadyOpen) {
            return Self::InUse { store };
        }
        if let redb::Error::Io(error) = &source
            && matches!(
                error.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
            )
        {
            return Self::DamagedFile {
                store,
                reason: format!("cannot {doing}: {error}"),
            };
        }
        if matches!(source, redb::Error::UpgradeRequired(_)) {
            return Self::DamagedFile {
                store,
                reason: source.to_string(),
            };
        }
        Self::Engine {
            store,
            doing,
            source: Box::new(source),
        }
    }
}
