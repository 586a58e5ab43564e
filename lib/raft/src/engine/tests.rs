//! openraft's own suite for storages.

use std::sync::Arc;

use bytes::Bytes;
use hm_model::NodeId;
use openraft::testing::{StoreBuilder, Suite};

use super::applier::Applier;
use super::logstore::LogStore;
use crate::machine::{ApplyError, Frozen, Machine, RestoreError};
use crate::store::{Storage, Store};
use crate::testing::{InlineDisk, Medium};
use crate::types::{StorageError, TypeConfig};

/// Remembers every entry.
#[derive(Default)]
struct Journal(Vec<Bytes>);

struct FrozenJournal(std::vec::IntoIter<Bytes>);

impl Machine for Journal {
    fn apply(&mut self, _index: u64, entry: &[u8]) -> Result<Bytes, ApplyError> {
        self.0.push(Bytes::copy_from_slice(entry));
        Ok(Bytes::new())
    }

    fn freeze(&self) -> Box<dyn Frozen> {
        Box::new(FrozenJournal(self.0.clone().into_iter()))
    }

    fn restore(
        &mut self,
        _: u64,
        chunks: &mut dyn Iterator<Item = Bytes>,
    ) -> Result<(), RestoreError> {
        self.0 = chunks.collect();
        Ok(())
    }
}

impl Frozen for FrozenJournal {
    fn next_chunk(&mut self) -> Option<Bytes> {
        self.0.next()
    }
}

struct Build;

impl StoreBuilder<TypeConfig, LogStore, Applier> for Build {
    async fn build(&self) -> Result<((), LogStore, Applier), StorageError> {
        let storage = Storage::backend("memory", Medium::new().attach());
        let store = Store::open(storage, NodeId::from_u64(0), Arc::new(InlineDisk))
            .await
            .expect("a new store");
        let applier = Applier::open(store.clone(), Box::new(Journal::default()))
            .await
            .expect("an empty machine");
        Ok(((), LogStore { me: 0, store }, applier))
    }
}

#[test]
fn openraft_suite() {
    Suite::test_all(Build).expect("the suite");
}
