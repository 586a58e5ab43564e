//! Disks that sync, and one that only says so: the planted bug that the simulation must find.

use std::io;

use hm_raft::testing::Medium;
use redb::StorageBackend;

/// What a sync does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sync {
    Real,
    /// Says it is done and does nothing. Only ever chosen by the test that must notice it.
    Lie,
}

impl Sync {
    pub(crate) fn attach(self, medium: &Medium) -> Honesty {
        Honesty {
            backend: Box::new(medium.attach()),
            sync: self,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Honesty {
    backend: Box<dyn StorageBackend>,
    sync: Sync,
}

impl StorageBackend for Honesty {
    fn len(&self) -> io::Result<u64> {
        self.backend.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.backend.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.backend.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        match self.sync {
            Sync::Real => self.backend.sync_data(),
            Sync::Lie => Ok(()),
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.backend.write(offset, data)
    }
}
