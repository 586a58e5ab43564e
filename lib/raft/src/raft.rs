//! The handle: one server's part in the agreement.

mod elections;
mod error;
mod members;
mod propose;
mod serve;
mod status;
mod stop;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use hm_model::NodeId;
use hm_ports::task::inherit;
use hm_ports::{AddressBook, Transport};
use openraft::{Config, SnapshotPolicy};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

pub use error::{ChangeError, InitializeError, OpenError, ProposeError, SnapshotError};
pub use status::{Role, Running, Status};

use crate::disk::Disk;
use crate::engine::applier::{Applier, Progress};
use crate::engine::logstore::LogStore;
use crate::engine::network::Network;
use crate::machine::Machine;
use crate::store::{Storage, Store};
use crate::timings::Timings;
use crate::types::Inner;
use elections::Contact;
use propose::Proposal;
use serve::Incoming;

/// After so many log entries a snapshot is taken.
const SNAPSHOT_ENTRIES: u64 = 10_000;
/// So many entries stay behind a snapshot, for followers that are a little late.
const KEPT_ENTRIES: u64 = 2_000;

/// What a server's raft needs to know and to use.
pub struct Options {
    pub id: NodeId,
    pub timings: Timings,
    pub transport: Arc<dyn Transport>,
    pub addresses: Arc<dyn AddressBook>,
    pub disk: Arc<dyn Disk>,
}

/// A handle to this server's raft. Cheap to clone.
#[derive(Clone)]
pub struct Raft(Arc<Shared>);

struct Shared {
    id: NodeId,
    timings: Timings,
    inner: Inner,
    store: Store,
    network: Network,
    progress: Arc<Progress>,
    proposals: mpsc::Sender<Proposal>,
    status: watch::Receiver<Status>,
    contact: Contact,
    incoming: tokio::sync::Mutex<Option<Incoming>>,
    /// Set by a planned stop: no more proposals, and others may lead.
    leaving: AtomicBool,
    tasks: tokio::sync::Mutex<JoinSet<()>>,
}

/// An agreed and applied entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Applied {
    pub index: u64,
    pub reply: Bytes,
}

impl Raft {
    /// Opens the store, examines it, restores the machine and takes part.
    pub async fn open(
        options: Options,
        storage: Storage,
        machine: Box<dyn Machine>,
    ) -> Result<Self, OpenError> {
        let Options {
            id,
            timings,
            transport,
            addresses,
            disk,
        } = options;
        let config = Arc::new(
            config(&timings)
                .validate()
                .map_err(|source| OpenError::Timings { source })?,
        );
        let store = Store::open(storage, id, disk).await?;
        let applier = Applier::open(store.clone(), machine).await?;
        let progress = applier.progress();
        let network = Network {
            transport,
            addresses,
            chunk_limit: timings.snapshot_chunk,
            install_limit: timings.catch_up,
        };
        let inner = Inner::new(
            id.as_u64(),
            config,
            network.clone(),
            LogStore {
                me: id.as_u64(),
                store: store.clone(),
            },
            applier,
        )
        .await
        .map_err(|source| OpenError::Engine {
            reason: source.to_string(),
        })?;
        let (proposals, queue) = mpsc::channel(propose::QUEUE);
        let (publish, status) = watch::channel(Status::initial(id));
        // Ends by itself when raft does, and has the last word about why.
        hm_ports::task::spawn(status::publish(inner.clone(), progress.clone(), publish));
        let raft = Self(Arc::new(Shared {
            id,
            timings,
            inner,
            store,
            network,
            progress,
            proposals,
            status,
            contact: Contact::new(),
            incoming: tokio::sync::Mutex::default(),
            leaving: AtomicBool::new(false),
            tasks: tokio::sync::Mutex::default(),
        }));
        raft.spawn_tasks(queue).await;
        Ok(raft)
    }

    /// Founds a cluster of one, which this node leads.
    pub async fn initialize(&self) -> Result<(), InitializeError> {
        let members = BTreeSet::from([self.0.id.as_u64()]);
        self.0
            .inner
            .initialize(members)
            .await
            .map_err(InitializeError::from)
    }

    /// What this node knows about the agreement, as it changes.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.0.status.clone()
    }

    /// Has a snapshot taken now; returns when it is ordered, not when it is done.
    pub async fn snapshot_now(&self) -> Result<(), SnapshotError> {
        self.0
            .inner
            .trigger()
            .snapshot()
            .await
            .map_err(|error| SnapshotError::Stopped {
                reason: error.to_string(),
            })
    }

    async fn spawn_tasks(&self, queue: mpsc::Receiver<Proposal>) {
        let mut tasks = self.0.tasks.lock().await;
        tasks.spawn(inherit(propose::batches(self.0.inner.clone(), queue)));
        tasks.spawn(inherit(elections::elections(self.clone())));
        let (inner, progress) = (self.0.inner.clone(), self.0.progress.clone());
        tasks.spawn(inherit(async move {
            loop {
                progress.snapshot_due.notified().await;
                if inner.trigger().snapshot().await.is_err() {
                    return;
                }
            }
        }));
    }
}

fn config(timings: &Timings) -> Config {
    let millis =
        |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let lease = millis(timings.lease);
    Config {
        cluster_name: "hivemind".to_owned(),
        heartbeat_interval: millis(timings.heartbeat),
        // The voters' lease is openraft's longest election timeout; its own elections are off, ours are in `elections`.
        election_timeout_max: lease,
        election_timeout_min: lease.saturating_sub(1),
        enable_elect: false,
        install_snapshot_timeout: millis(timings.catch_up),
        max_payload_entries: 300,
        snapshot_policy: SnapshotPolicy::LogsSinceLast(SNAPSHOT_ENTRIES),
        max_in_snapshot_log_to_keep: KEPT_ENTRIES,
        purge_batch_size: KEPT_ENTRIES / 4,
        ..Config::default()
    }
}
