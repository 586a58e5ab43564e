//! openraft's log storage over the store.

use std::fmt::Debug;
use std::ops::{Bound, RangeBounds};

use openraft::storage::{LogFlushed, RaftLogStorage};
use openraft::{AnyError, LogState, OptionalSend, RaftLogReader, StorageIOError};

use crate::record::VoteRecord;
use crate::store::{Store, StoreError};
use crate::types::{Entry, LogId, StorageError, TypeConfig, Vote};

/// How many bytes of entries one append call carries.
const APPEND_BYTES: usize = 256 << 10;

#[derive(Clone)]
pub(crate) struct LogStore {
    pub(crate) me: u64,
    pub(crate) store: Store,
}

pub(crate) fn read_failed(error: &StoreError) -> StorageError {
    StorageIOError::read_logs(AnyError::new(error)).into()
}

pub(crate) fn write_failed(error: &StoreError) -> StorageError {
    StorageIOError::write_logs(AnyError::new(error)).into()
}

impl RaftLogReader<TypeConfig> for LogStore {
    async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: RB,
    ) -> Result<Vec<Entry>, StorageError> {
        let start = match range.start_bound() {
            Bound::Included(start) => *start,
            Bound::Excluded(start) => start + 1,
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(end) => end + 1,
            Bound::Excluded(end) => *end,
            Bound::Unbounded => u64::MAX,
        };
        self.store
            .entries(start..end, usize::MAX)
            .await
            .map_err(|error| read_failed(&error))
    }

    async fn limited_get_log_entries(
        &mut self,
        start: u64,
        end: u64,
    ) -> Result<Vec<Entry>, StorageError> {
        self.store
            .entries(start..end, APPEND_BYTES)
            .await
            .map_err(|error| read_failed(&error))
    }
}

impl RaftLogStorage<TypeConfig> for LogStore {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<LogState<TypeConfig>, StorageError> {
        let (last_purged_log_id, last_log_id) = self.store.log_ends();
        Ok(LogState {
            last_purged_log_id,
            last_log_id,
        })
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote) -> Result<(), StorageError> {
        self.store
            .save_vote(VoteRecord::from(vote))
            .await
            .map_err(|error| write_failed(&error))
    }

    /// Read once, at the start. A leader that restarts has to win again: openraft would let it go on in its old term, where
    /// a confirmed read waits for the first entry of the term only, and so misses what was acknowledged after it.
    async fn read_vote(&mut self) -> Result<Option<Vote>, StorageError> {
        let vote = self.store.vote().map(|record| record.vote());
        Ok(vote.map(|vote| Vote {
            committed: vote.committed && vote.leader_id.voted_for != Some(self.me),
            ..vote
        }))
    }

    async fn append<I>(
        &mut self,
        entries: I,
        callback: LogFlushed<TypeConfig>,
    ) -> Result<(), StorageError>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let entries = entries.into_iter().collect();
        self.store
            .append(entries)
            .await
            .map_err(|error| write_failed(&error))?;
        callback.log_io_completed(Ok(()));
        Ok(())
    }

    async fn truncate(&mut self, from: LogId) -> Result<(), StorageError> {
        self.store
            .truncate(from.index)
            .await
            .map_err(|error| write_failed(&error))
    }

    async fn purge(&mut self, upto: LogId) -> Result<(), StorageError> {
        self.store
            .purge(upto)
            .await
            .map_err(|error| write_failed(&error))
    }
}
