//! The machines of a run, from founding to the end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hm_model::{ClusterOptions, Node as NodeWord, NodeName, Timestamp, TokenId};
use hm_node::{Node, Origin};
use hm_ports::task::Scope;
use hm_ports::{Peer, Random};
use hm_protocol::server::Proposal;
use hm_server::Core;
use hm_state::{
    Cluster as ClusterObject, CreateCluster, Entry, FEATURE_LEVEL, GossipKeys, JoinNode,
    JoinTokenRecord, Vault,
};
use tokio::time::{Instant, sleep};

use crate::disk::Sync;
use crate::machine::{API_PORT, Machine};
use crate::network::{Network, address_of};
use crate::random::Chance;
use crate::trace::Trace;

pub(crate) struct Cluster {
    chance: Chance,
    network: Network,
    trace: Trace,
    machines: Mutex<Vec<Machine>>,
    founding: CreateCluster,
}

impl Cluster {
    pub(crate) fn new(size: usize, chance: &Chance, trace: &Trace, sync: Sync) -> Arc<Self> {
        let network = Network::new(chance.clone());
        let machines: Vec<Machine> = (0..size)
            .map(|place| Machine::new(place, &network, chance, sync))
            .collect();
        let founding = founding(&machines, chance);
        Arc::new(Self {
            chance: chance.clone(),
            network,
            trace: trace.clone(),
            machines: Mutex::new(machines),
            founding,
        })
    }

    pub(crate) fn chance(&self) -> &Chance {
        &self.chance
    }

    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    pub(crate) fn machines(&self) -> MutexGuard<'_, Vec<Machine>> {
        self.machines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Founds the cluster and lets everyone join. `false` if it did not come up.
    pub(crate) async fn come_up(self: &Arc<Self>) -> bool {
        let size = self.machines().len();
        self.start(0);
        for place in 1..size {
            if !self.join(place).await {
                self.trace.violated(format_args!(
                    "machine {place} could not join a healthy cluster"
                ));
                return false;
            }
            self.start(place);
        }
        self.settles(Duration::from_secs(60)).await
    }

    /// Starts a machine's daemon as its init system would.
    pub(crate) fn start(self: &Arc<Self>, place: usize) {
        let origin = if place == 0 {
            Origin::Create(Box::new(self.founding.clone()))
        } else {
            let first = Peer {
                id: self.founding.node.id,
                addresses: vec![(address_of(0), API_PORT).into()],
            };
            Origin::Member {
                servers: vec![first],
                gossip_keys: self.founding.gossip_keys.clone(),
            }
        };
        let scope = {
            let mut machines = self.machines();
            machines[place].start(origin);
            machines[place].scope()
        };
        if let Some(scope) = scope {
            tokio::spawn(scope.enter(watch_leadership(self.clone(), place)));
        }
    }

    async fn join(&self, place: usize) -> bool {
        let report = self.machines()[place].report();
        let mut node = NodeWord::new(report.node, name_of(place));
        node.addresses = report.addresses;
        node.api_port = report.api_port;
        node.gossip_port = report.gossip_port;
        node.feature_level = report.feature_level;
        node.state = hm_model::NodeState::Down;
        let token = TokenId::from_u64(place as u64);
        let far = Timestamp::from_micros(2_000_000_000_000_000);
        let record = JoinTokenRecord {
            id: token,
            secret_hash: Vec::new(),
            expires_at: far,
            uses_left: Some(1),
        };
        let entries = [
            Entry::CreateToken(Box::new(record)),
            Entry::JoinNode(Box::new(JoinNode { node, token })),
        ];
        for entry in entries {
            if !self.propose(entry).await {
                return false;
            }
        }
        true
    }

    async fn propose(&self, entry: Entry) -> bool {
        let until = Instant::now() + Duration::from_secs(30);
        while Instant::now() < until {
            if let Some(core) = self.cores().first()
                && core
                    .propose(Proposal::system("joiner", entry.clone()))
                    .await
                    .is_ok()
            {
                return true;
            }
            sleep(Duration::from_millis(100)).await;
        }
        false
    }

    pub(crate) fn nodes(&self) -> Vec<Arc<Node>> {
        self.machines().iter().filter_map(Machine::node).collect()
    }

    pub(crate) fn cores(&self) -> Vec<Arc<Core>> {
        self.nodes().iter().filter_map(|node| node.core()).collect()
    }

    /// A server chosen by chance, and the scope of its machine.
    pub(crate) fn some_server(&self) -> Option<(Arc<Core>, Arc<Scope>)> {
        let machines = self.machines();
        let servers: Vec<_> = machines
            .iter()
            .filter_map(|machine| Some((machine.node()?.core()?, machine.scope()?)))
            .collect();
        self.chance.pick(&servers).cloned()
    }

    /// Waits until everyone who should is up, agrees, and knows everything. Says what is missing if that takes too long.
    pub(crate) async fn settles(&self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        loop {
            let Err(missing) = crate::settled::check(self) else {
                return true;
            };
            if Instant::now() > until {
                self.trace
                    .violated(format_args!("not settled after {limit:?}: {missing}"));
                return false;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Tells the trace whenever a machine's server begins to lead.
async fn watch_leadership(cluster: Arc<Cluster>, place: usize) {
    let node = loop {
        if let Some(node) = cluster.machines()[place].node() {
            break node;
        }
        sleep(Duration::from_millis(5)).await;
    };
    let mut serving = node.serving();
    loop {
        let raft = serving
            .borrow_and_update()
            .as_ref()
            .map(|serving| serving.raft.clone());
        let Some(raft) = raft else {
            if serving.changed().await.is_err() {
                return;
            }
            continue;
        };
        let mut status = raft.status();
        loop {
            let now = status.borrow_and_update().clone();
            if now.is_leader() {
                cluster.trace.leads(now.id, now.term);
            }
            tokio::select! {
                biased;
                changed = serving.changed() => {
                    if changed.is_err() { return }
                    break;
                }
                changed = status.changed() => if changed.is_err() { break },
            }
        }
    }
}

fn founding(machines: &[Machine], chance: &Chance) -> CreateCluster {
    let mut key = [0; 32];
    chance.fill(&mut key);
    let first = &machines[0];
    let mut node = NodeWord::new(first.id, name_of(0));
    node.addresses = first.report().addresses;
    node.feature_level = FEATURE_LEVEL;
    CreateCluster {
        cluster: ClusterObject {
            id: "simulated".to_owned(),
            options: ClusterOptions::default(),
            created_at: Timestamp::from_micros(first.clock().now_micros()),
            ca_certificates: Vec::new(),
        },
        vault: Vault { ca_key: Vec::new() },
        gossip_keys: GossipKeys { keys: vec![key] },
        node,
    }
}

fn name_of(place: usize) -> NodeName {
    format!("n{place}")
        .parse()
        .expect("a letter and a number are a name")
}
