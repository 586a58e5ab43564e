//! A simulated machine: hardware that survives the daemon, and one life of the daemon after the other, each in a scope.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use hm_model::{FeatureLevel, NodeId};
use hm_node::{Node, Options, Origin, World};
use hm_ports::Clock;
use hm_ports::task::Scope;
use hm_raft::Timings;
use hm_state::NodeReport;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::clock::SkewedClock;
use crate::hardware::{Hardware, Mounted, Sync};
use crate::network::{Death, Network, address_of};
use crate::random::Chance;

pub(crate) const API_PORT: u16 = 3000;
pub(crate) const GOSSIP_PORT: u16 = 7946;

pub(crate) struct Machine {
    pub(crate) id: NodeId,
    pub(crate) place: usize,
    pub(crate) clock: Arc<SkewedClock>,
    pub(crate) hardware: Arc<Hardware>,
    network: Network,
    chance: Chance,
    daemon: Option<Daemon>,
}

/// One life of the daemon.
struct Daemon {
    scope: Arc<Scope>,
    node: Arc<Mutex<Option<Arc<Node>>>>,
    paused_until: Option<Instant>,
}

/// Tells once why a daemon ended by itself.
pub(crate) type Ended = oneshot::Receiver<String>;

/// Looks on as soon as a daemon runs, as part of its life.
pub(crate) type LookOn = Box<dyn FnOnce(&Arc<Node>) + Send>;

impl Machine {
    pub(crate) fn new(place: usize, network: &Network, chance: &Chance, sync: Sync) -> Self {
        let id = NodeId::from_u64(0x1000 + chance.below(1 << 40));
        let skew = i64::try_from(chance.below(4_000_000)).unwrap_or(0) - 2_000_000;
        Self {
            id,
            place,
            clock: Arc::new(SkewedClock::new(skew)),
            hardware: Hardware::new(chance, sync),
            network: network.clone(),
            chance: chance.clone(),
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

    /// Starts the daemon in a new scope.
    pub(crate) fn start(&mut self, origin: Origin, look_on: LookOn) -> Ended {
        let scope = Scope::new();
        let address = SocketAddr::new(address_of(self.place), GOSSIP_PORT);
        let mounted = Arc::new(Mounted(self.hardware.clone()));
        let world = World {
            transport: self.network.transport(self.id, &scope),
            datagrams: self.network.bind(self.id, address, &scope),
            clock: self.clock.clone() as Arc<dyn Clock>,
            random: Arc::new(self.chance.clone()),
            disk: mounted.clone(),
            log: mounted.clone(),
            keep: mounted,
        };
        let options = Options {
            report: self.report(),
            origin,
            cluster: hm_model::ClusterOptions::default(),
            timings: Timings::default(),
        };
        let (end, ended) = oneshot::channel();
        let started: Arc<Mutex<Option<Arc<Node>>>> = Arc::default();
        let life = Life {
            id: self.id,
            network: self.network.clone(),
            hardware: self.hardware.clone(),
            started: started.clone(),
        };
        tokio::spawn(scope.enter(async move {
            // Nobody may wait for it: the machine was switched off.
            let _ = end.send(life.live(options, world, look_on).await);
        }));
        self.daemon = Some(Daemon {
            scope,
            node: started,
            paused_until: None,
        });
        ended
    }

    /// The power fails: the daemon is gone without a word, and so is what it had not synced.
    pub(crate) fn lose_power(&mut self) {
        self.network.bury(self.id, Death::Silent);
        if let Some(daemon) = self.daemon.take() {
            daemon.scope.kill();
            self.hardware.crash();
        }
    }

    /// The daemon's process ends or is killed; the machine stays, and its disk forgets nothing.
    pub(crate) fn end_daemon(&mut self) {
        self.network.bury(self.id, Death::Reset);
        if let Some(daemon) = self.daemon.take() {
            daemon.scope.kill();
        }
    }

    /// Stops everything where it is, until then or until it is resumed. Time goes on outside.
    pub(crate) fn pause(&mut self, until: Instant) {
        if let Some(daemon) = &mut self.daemon {
            daemon.scope.pause();
            daemon.paused_until = Some(until);
        }
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.daemon
            .as_ref()
            .is_some_and(|daemon| daemon.paused_until.is_some())
    }

    /// Goes on if its pause is over by `now`.
    pub(crate) fn resume(&mut self, now: Instant) {
        if let Some(daemon) = &mut self.daemon
            && daemon.paused_until.is_some_and(|until| until <= now)
        {
            self.hardware.excuse();
            daemon.paused_until = None;
            daemon.scope.resume();
        }
    }

    /// Goes on whatever its pause was.
    pub(crate) fn resume_now(&mut self) {
        if let Some(until) = self.daemon.as_ref().and_then(|daemon| daemon.paused_until) {
            self.resume(until);
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.daemon.is_some()
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

/// What one life of a daemon is made of.
struct Life {
    id: NodeId,
    network: Network,
    hardware: Arc<Hardware>,
    started: Arc<Mutex<Option<Arc<Node>>>>,
}

impl Life {
    /// Runs until the daemon cannot go on, and answers why.
    async fn live(self, options: Options, world: World, look_on: LookOn) -> String {
        let node = match Node::start(options, world).await {
            Ok(node) => Arc::new(node),
            Err(error) => return chain(&error),
        };
        self.network.listen(self.id, node.handler());
        look_on(&node);
        *self.started.lock().unwrap_or_else(PoisonError::into_inner) = Some(node.clone());
        let (mut serving, mut failed) = (node.serving(), node.failed());
        loop {
            if serving.borrow_and_update().is_some() {
                self.hardware.log_is_complete();
            }
            if let Some(error) = failed.borrow_and_update().as_deref() {
                return chain(error);
            }
            // Both senders live as long as the node, which lives as long as this.
            tokio::select! {
                biased;
                _ = serving.changed() => {}
                _ = failed.changed() => {}
            }
        }
    }
}

/// An error with all its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
