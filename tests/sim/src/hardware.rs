//! What survives the daemon: the disk with its log and the agent's record. It stalls, breaks, and loses what was not synced.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use hm_agent::Keep;
use hm_node::LogPlace;
use hm_ports::BoxFuture;
use hm_raft::testing::{Activity, Medium};
use hm_raft::{Disk, Job, Storage, StoreError};
use redb::StorageBackend;
use tokio::time::{Instant, sleep};

use crate::random::Chance;

/// What a sync does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sync {
    Real,
    /// Says it is done and does nothing. Only ever chosen by the test that must notice it.
    Lie,
}

pub(crate) struct Hardware {
    chance: Chance,
    sync: Sync,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    medium: Medium,
    /// A new log gets its name when it is complete; a crash before that leaves nothing.
    named: bool,
    kept: Option<Bytes>,
    saves: u64,
    stall: Duration,
    broken: bool,
    /// When a broken disk first refused something in this life of the daemon.
    refused_at: Option<Instant>,
}

/// What was written since the machine was made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Written {
    pub(crate) log: Activity,
    pub(crate) saves: u64,
}

impl Hardware {
    pub(crate) fn new(chance: &Chance, sync: Sync) -> Arc<Self> {
        Arc::new(Self {
            chance: chance.clone(),
            sync,
            state: Mutex::default(),
        })
    }

    /// The power fails: what was not synced is gone, or not.
    pub(crate) fn crash(&self) {
        let seed = self.chance.below(u64::MAX);
        let mut state = self.state();
        if state.named {
            state.medium.crash(seed);
        } else {
            state.medium = Medium::new();
        }
        state.refused_at = None;
    }

    pub(crate) fn log_is_complete(&self) {
        self.state().named = true;
    }

    pub(crate) fn stall(&self, stall: Duration) {
        self.state().stall = stall;
    }

    /// From now on everything fails, until it is repaired.
    pub(crate) fn break_down(&self) {
        self.state().broken = true;
    }

    pub(crate) fn repair(&self) {
        let mut state = self.state();
        state.broken = false;
        state.stall = Duration::ZERO;
    }

    pub(crate) fn refused_at(&self) -> Option<Instant> {
        self.state().refused_at
    }

    /// A daemon that was paused meanwhile could not end.
    pub(crate) fn excuse(&self) {
        let mut state = self.state();
        state.refused_at = state.refused_at.map(|_| Instant::now());
    }

    pub(crate) fn written(&self) -> Written {
        let state = self.state();
        Written {
            log: state.medium.activity(),
            saves: state.saves,
        }
    }

    fn works(&self) -> io::Result<()> {
        let mut state = self.state();
        if state.broken {
            state.refused_at.get_or_insert_with(Instant::now);
            return Err(io::Error::other("input/output error"));
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The machine's disk as one life of the daemon sees it.
#[derive(Clone)]
pub(crate) struct Mounted(pub(crate) Arc<Hardware>);

impl LogPlace for Mounted {
    fn exists(&self) -> io::Result<bool> {
        self.0.works()?;
        Ok(self.0.state().named)
    }

    fn open(&self) -> Result<Storage, StoreError> {
        let mut state = self.0.state();
        if !state.named {
            state.medium = Medium::new();
        }
        let backend = Backend {
            medium: Box::new(state.medium.attach()),
            hardware: self.0.clone(),
        };
        Ok(Storage::backend("simulated log", backend))
    }

    fn remove(&self) -> io::Result<()> {
        self.0.works()?;
        let mut state = self.0.state();
        state.medium = Medium::new();
        state.named = false;
        Ok(())
    }
}

impl Keep for Mounted {
    fn load(&self) -> BoxFuture<io::Result<Option<Bytes>>> {
        let loaded = self.0.works().map(|()| self.0.state().kept.clone());
        async move { loaded }.boxed()
    }

    fn save(&self, record: Bytes) -> BoxFuture<io::Result<()>> {
        let hardware = self.0.clone();
        let before = hardware
            .chance
            .between(Duration::ZERO, Duration::from_millis(1));
        async move {
            sleep(before).await;
            hardware.works()?;
            {
                let mut state = hardware.state();
                state.kept = Some(record);
                state.saves += 1;
            }
            sleep(Duration::from_millis(1)).await;
            Ok(())
        }
        .boxed()
    }
}

impl Disk for Mounted {
    /// About a millisecond, or as long as it stalls.
    fn run(&self, job: Job) -> BoxFuture<()> {
        let hardware = self.0.clone();
        let usual = hardware
            .chance
            .between(Duration::from_micros(100), Duration::from_millis(2));
        async move {
            let stall = hardware.state().stall;
            sleep(usual + stall).await;
            job();
        }
        .boxed()
    }
}

struct Backend {
    medium: Box<dyn StorageBackend>,
    hardware: Arc<Hardware>,
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backend").finish_non_exhaustive()
    }
}

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        self.hardware.works()?;
        self.medium.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.hardware.works()?;
        self.medium.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.hardware.works()?;
        self.medium.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.hardware.works()?;
        match self.hardware.sync {
            Sync::Real => self.medium.sync_data(),
            Sync::Lie => Ok(()),
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.hardware.works()?;
        self.medium.write(offset, data)
    }
}
