//! One kind of object by key, as a persistent ordered map: a clone costs nothing and stays as it was.

use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use hm_model::Timestamp;
use imbl::OrdMap;
use serde::{Deserialize, Serialize};

/// An object with what the state knows about it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Record<T> {
    pub value: T,
    /// Counts the changes someone asked for: what `expected_generation` is compared with. What a node merely reports
    /// (a phase, a state) does not count.
    pub generation: u64,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    /// The revision of the state that last touched it.
    pub revision: u64,
}

/// When a change happens: taken from the entry, never from a clock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Moment {
    pub revision: u64,
    pub time: Timestamp,
}

#[derive(Clone)]
pub struct Table<K, T> {
    records: OrdMap<K, Arc<Record<T>>>,
}

impl<K: Ord + Clone, T> Default for Table<K, T> {
    fn default() -> Self {
        Self {
            records: OrdMap::new(),
        }
    }
}

impl<K: Ord + Clone, T: Clone> Table<K, T> {
    pub fn get(&self, key: &K) -> Option<&Record<T>> {
        self.records.get(key).map(Arc::as_ref)
    }

    pub fn value(&self, key: &K) -> Option<&T> {
        self.get(key).map(|record| &record.value)
    }

    /// The key as the table holds it.
    pub(crate) fn key(&self, key: &K) -> Option<&K> {
        self.records.get_key_value(key).map(|(key, _)| key)
    }

    pub fn contains(&self, key: &K) -> bool {
        self.records.contains_key(key)
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&K, &Record<T>)> {
        self.records
            .iter()
            .map(|(key, record)| (key, record.as_ref()))
    }

    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.records.iter().map(|(_, record)| &record.value)
    }

    pub fn range<R: RangeBounds<K>>(&self, range: R) -> impl Iterator<Item = (&K, &Record<T>)> {
        self.records
            .range(range)
            .map(|(key, record)| (key, record.as_ref()))
    }

    /// The records after `key`, or all: how a snapshot goes on where it stopped.
    pub(crate) fn after(&self, key: Option<&K>) -> impl Iterator<Item = (&K, &Record<T>)> {
        let start = key.map_or(Bound::Unbounded, Bound::Excluded);
        self.range((start, Bound::Unbounded))
    }

    /// Stores a wanted change and answers the object's new generation.
    pub(crate) fn put(&mut self, key: K, value: T, now: Moment) -> u64 {
        let before = self.records.get(&key);
        let generation = before
            .map_or(0, |record| record.generation)
            .saturating_add(1);
        let created_at = before.map_or(now.time, |record| record.created_at);
        let record = Record {
            value,
            generation,
            created_at,
            changed_at: now.time,
            revision: now.revision,
        };
        self.records.insert(key, Arc::new(record));
        generation
    }

    /// Stores what was reported about an object: its generation stays. Answers whether it was there.
    pub(crate) fn note(&mut self, key: &K, now: Moment, change: impl FnOnce(&mut T)) -> bool {
        let Some(slot) = self.records.get_mut(key) else {
            return false;
        };
        let record = Arc::make_mut(slot);
        change(&mut record.value);
        record.changed_at = now.time;
        record.revision = now.revision;
        true
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<Arc<Record<T>>> {
        self.records.remove(key)
    }

    /// Puts a record back as a snapshot holds it.
    pub(crate) fn restore(&mut self, key: K, record: Record<T>) {
        self.records.insert(key, Arc::new(record));
    }
}
