//! A simulated machine: its disk survives the daemon, its clock is wrong by a little, its daemon lives in a scope.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use hm_agent::Keep;
use hm_model::{FeatureLevel, NodeId};
use hm_node::{LogPlace, Node, Options, Origin, World};
use hm_ports::task::Scope;
use hm_ports::{BoxFuture, Clock};
use hm_raft::testing::Medium;
use hm_raft::{Disk, Job, Storage, StoreError, Timings};
use hm_state::NodeReport;
use tokio::time::{Instant, sleep};

use crate::disk::Sync;
use crate::network::{Network, address_of};
use crate::random::Chance;

pub(crate) const API_PORT: u16 = 3000;
pub(crate) const GOSSIP_PORT: u16 = 7946;

pub(crate) struct Machine {
    pub(crate) id: NodeId,
    pub(crate) place: usize,
    network: Network,
    chance: Chance,
    clock: Arc<SkewedClock>,
    hardware: Arc<Hardware>,
    daemon: Option<Daemon>,
}

/// One life of the daemon.
struct Daemon {
    scope: Arc<Scope>,
    node: Arc<Mutex<Option<Arc<Node>>>>,
}

/// What survives the daemon.
pub(crate) struct Hardware {
    chance: Chance,
    log: Mutex<Log>,
    kept: Mutex<Option<Bytes>>,
    stall: Mutex<Duration>,
    sync: Sync,
}

#[derive(Default)]
struct Log {
    medium: Medium,
    /// A new store gets its name when it is complete; a crash before that leaves nothing.
    named: bool,
}

impl Machine {
    pub(crate) fn new(place: usize, network: &Network, chance: &Chance, sync: Sync) -> Self {
        let id = NodeId::from_u64(0x1000 + chance.below(1 << 40));
        let skew = i64::try_from(chance.below(4_000_000)).unwrap_or(0) - 2_000_000;
        let hardware = Hardware {
            chance: chance.clone(),
            log: Mutex::default(),
            kept: Mutex::default(),
            stall: Mutex::new(Duration::ZERO),
            sync,
        };
        Self {
            id,
            place,
            network: network.clone(),
            chance: chance.clone(),
            clock: Arc::new(SkewedClock {
                began: Instant::now(),
                skew,
            }),
            hardware: Arc::new(hardware),
            daemon: None,
        }
    }

    pub(crate) fn report(&self) -> NodeReport {
        NodeReport {
            node: self.id,
            addresses: vec![address_of(self.place)],
            api_port: API_PORT,
            gossip_port: GOSSIP_PORT,
            version: "0.1.0".to_owned(),
            feature_level: FeatureLevel::new(1),
        }
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// Starts the daemon in a new scope. It may fail, and then this machine has none until the next start.
    pub(crate) fn start(&mut self, origin: Origin) {
        self.crash();
        let scope = Scope::new();
        let address = SocketAddr::new(address_of(self.place), GOSSIP_PORT);
        let world = World {
            transport: self.network.transport(self.id, &scope),
            datagrams: self.network.bind(self.id, address, &scope),
            clock: self.clock.clone(),
            random: Arc::new(self.chance.clone()),
            disk: Arc::new(StallingDisk(self.hardware.clone())),
            log: self.hardware.clone(),
            keep: self.hardware.clone(),
        };
        let options = Options {
            report: self.report(),
            origin,
            cluster: hm_model::ClusterOptions::default(),
            timings: Timings::default(),
        };
        let node = Arc::new(Mutex::new(None));
        let (started, network, id) = (node.clone(), self.network.clone(), self.id);
        let hardware = self.hardware.clone();
        tokio::spawn(scope.enter(async move {
            match Node::start(options, world).await {
                Ok(node) => {
                    network.listen(id, node.handler());
                    let mut serving = node.serving();
                    *started.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(node));
                    let served = serving.wait_for(Option::is_some).await.is_ok();
                    if served {
                        hardware.log().named = true;
                    }
                    std::future::pending::<()>().await;
                }
                Err(error) => {
                    tracing::error!(node = %id, error = %chain(&error), "the daemon did not start")
                }
            }
        }));
        self.daemon = Some(Daemon { scope, node });
    }

    /// The power fails: the daemon and what it had not synced are gone.
    pub(crate) fn crash(&mut self) {
        let Some(daemon) = self.daemon.take() else {
            return;
        };
        daemon.scope.kill();
        self.hardware.crash();
    }

    pub(crate) fn is_up(&self) -> bool {
        self.daemon.is_some()
    }

    pub(crate) fn resume(&self) {
        if let Some(daemon) = &self.daemon {
            daemon.scope.resume();
        }
    }

    pub(crate) fn stall_disk(&self, stall: Duration) {
        *self
            .hardware
            .stall
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = stall;
    }

    pub(crate) fn node(&self) -> Option<Arc<Node>> {
        self.daemon
            .as_ref()?
            .node
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Runs something of this machine, such as a client beside the daemon, so that it pauses and ends with it.
    pub(crate) fn scope(&self) -> Option<Arc<Scope>> {
        self.daemon.as_ref().map(|daemon| daemon.scope.clone())
    }
}

/// An error with all its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

impl Hardware {
    fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn crash(&self) {
        let mut log = self.log();
        if log.named {
            log.medium.crash(self.chance.below(u64::MAX));
        } else {
            log.medium = Medium::new();
        }
    }
}

impl LogPlace for Hardware {
    fn exists(&self) -> io::Result<bool> {
        Ok(self.log().named)
    }

    fn open(&self) -> Result<Storage, StoreError> {
        let mut log = self.log();
        if !log.named {
            log.medium = Medium::new();
        }
        Ok(Storage::backend(
            "simulated log",
            self.sync.attach(&log.medium),
        ))
    }

    fn remove(&self) -> io::Result<()> {
        *self.log() = Log::default();
        Ok(())
    }
}

impl Keep for Hardware {
    fn load(&self) -> BoxFuture<io::Result<Option<Bytes>>> {
        let kept = self
            .kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        async move { Ok(kept) }.boxed()
    }

    fn save(&self, record: Bytes) -> BoxFuture<io::Result<()>> {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(record);
        sleep(Duration::from_millis(1)).map(Ok).boxed()
    }
}

/// A disk that takes its time: about a millisecond, or as long as it stalls.
struct StallingDisk(Arc<Hardware>);

impl Disk for StallingDisk {
    fn run(&self, job: Job) -> BoxFuture<()> {
        let hardware = self.0.clone();
        let usual = hardware
            .chance
            .between(Duration::from_micros(100), Duration::from_millis(2));
        async move {
            let stall = *hardware
                .stall
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            sleep(usual + stall).await;
            job();
        }
        .boxed()
    }
}

/// Virtual time, beginning at some day, off by up to two seconds.
struct SkewedClock {
    began: Instant,
    skew: i64,
}

impl Clock for SkewedClock {
    fn now_micros(&self) -> i64 {
        1_800_000_000_000_000
            + self.skew
            + i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX / 2)
    }
}
