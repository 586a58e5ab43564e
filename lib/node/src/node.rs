//! The node: starts its parts in order, hands out what doors need, and stops in order.

use std::net::SocketAddr;
use std::sync::Arc;

use hm_agent::{Agent, KeepError, View};
use hm_gossip::{Gossip, KeyRing, OptionsError};
use hm_model::{ClusterOptions, NodeId};
use hm_ports::task::inherit;
use hm_ports::{Handler, Peer, Transport};
use hm_raft::Timings;
use hm_server::Core;
use hm_state::{CreateCluster, GossipKeys, NodeReport};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;

use crate::addresses::Addresses;
use crate::role::{RoleError, RoleKeeper, Serving};
use crate::sight;
use crate::switchboard::Switchboard;
use crate::world::World;

pub struct Options {
    pub report: NodeReport,
    pub origin: Origin,
    pub cluster: ClusterOptions,
    pub timings: Timings,
}

/// Where this node comes from.
pub enum Origin {
    /// It founds the cluster. Given at every start until the founding is known to be agreed on.
    Create(Box<CreateCluster>),
    /// It belongs to one: what joining told, for the time until it knows more.
    Member {
        servers: Vec<Peer>,
        gossip_keys: GossipKeys,
    },
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot use what this node kept")]
    Keep(#[source] KeepError),
    #[error("cannot gossip")]
    Gossip(#[source] OptionsError),
    #[error("the cluster's gossip key is missing")]
    NoGossipKey,
    #[error("this node has no address")]
    NoAddress,
    #[error("cannot serve")]
    Role(#[source] RoleError),
}

/// A running node. Dropping it ends it like a crash; [`Node::shutdown`] ends it in order.
pub struct Node {
    agent: Arc<Agent>,
    gossip: Gossip,
    serving: watch::Receiver<Option<Serving>>,
    switchboard: Arc<Switchboard>,
    failed: watch::Receiver<Option<Arc<RoleError>>>,
    tasks: Mutex<JoinSet<()>>,
    first_servers: Vec<Peer>,
}

impl Node {
    pub async fn start(options: Options, world: World) -> Result<Self, StartError> {
        let Options {
            report,
            origin,
            cluster,
            timings,
        } = options;
        let me = report.node;
        let ip = *report.addresses.first().ok_or(StartError::NoAddress)?;
        let advertise = SocketAddr::new(ip, report.gossip_port);
        let (founding, first_servers, first_keys) = match origin {
            Origin::Create(create) => {
                let keys = create.gossip_keys.clone();
                (Some(create), vec![itself(&report)], keys)
            }
            Origin::Member {
                servers,
                gossip_keys,
            } => (None, servers, gossip_keys),
        };

        let (publish_serving, serving) = watch::channel(None);
        let switchboard = Arc::new(Switchboard::new(
            me,
            world.transport.clone(),
            serving.clone(),
        ));
        let agent_options = hm_agent::Options {
            report: report.clone(),
            first_servers: first_servers.clone(),
            transport: switchboard.clone(),
            random: world.random.clone(),
            keep: world.keep.clone(),
        };
        let agent = Agent::open(agent_options).await.map_err(StartError::Keep)?;

        // The keys this node kept, or else those that founding or joining gave.
        let kept_keys = agent.view().borrow().gossip_keys.clone();
        let ring = sight::key_ring(&kept_keys)
            .or_else(|| sight::key_ring(&first_keys))
            .ok_or(StartError::NoGossipKey)?;
        let gossip =
            start_gossip((me, advertise), &cluster, ring, &world).map_err(StartError::Gossip)?;

        let role = RoleKeeper {
            me,
            timings,
            addresses: Arc::new(Addresses::new(agent.view(), first_servers.clone())),
            transport: switchboard.clone(),
            world,
            serving: publish_serving,
        };
        let known = agent.view().borrow().clone();
        role.begin(founding, &known)
            .await
            .map_err(StartError::Role)?;

        let (publish_failed, failed) = watch::channel(None);
        let mut tasks = JoinSet::new();
        tasks.spawn(inherit(sight::tell_server(gossip.clone(), serving.clone())));
        tasks.spawn(inherit(sight::tell_gossip(
            me,
            gossip.clone(),
            agent.view(),
        )));
        let (view, running) = (agent.view(), agent.clone());
        tasks.spawn(inherit(async move {
            let error = tokio::select! {
                biased;
                error = role.keep(view) => error,
                error = running.run() => RoleError::Keep(error),
            };
            publish_failed.send_replace(Some(Arc::new(error)));
        }));
        Ok(Self {
            agent,
            gossip,
            serving,
            switchboard,
            failed,
            tasks: Mutex::new(tasks),
            first_servers,
        })
    }

    /// Answers what other nodes ask of this one.
    pub fn handler(&self) -> Arc<dyn Handler> {
        self.switchboard.clone()
    }

    /// The server on this node, while it is one.
    pub fn core(&self) -> Option<Arc<Core>> {
        self.serving
            .borrow()
            .as_ref()
            .map(|serving| serving.core.clone())
    }

    pub fn serving(&self) -> watch::Receiver<Option<Serving>> {
        self.serving.clone()
    }

    pub fn view(&self) -> watch::Receiver<Arc<View>> {
        self.agent.view()
    }

    pub fn agent(&self) -> &Arc<Agent> {
        &self.agent
    }

    pub fn gossip(&self) -> &Gossip {
        &self.gossip
    }

    /// Becomes known when the node cannot go on: its disk failed, or its log is lost.
    pub fn failed(&self) -> watch::Receiver<Option<Arc<RoleError>>> {
        self.failed.clone()
    }

    /// The way to other nodes, and to this one's own server without a network.
    pub fn transport(&self) -> Arc<dyn Transport> {
        self.switchboard.clone()
    }

    /// The servers of the cluster, as far as this node knows.
    pub fn servers(&self) -> Vec<Peer> {
        let known = self.view().borrow().server_peers();
        if known.is_empty() {
            self.first_servers.clone()
        } else {
            known
        }
    }

    /// Ends in order: a leader hands over first. Containers are not touched.
    pub async fn shutdown(&self) {
        let serving = self.serving.borrow().clone();
        if let Some(serving) = serving {
            serving.raft.shutdown().await;
        }
        self.tasks.lock().await.shutdown().await;
    }
}

fn start_gossip(
    (me, advertise): (NodeId, SocketAddr),
    cluster: &ClusterOptions,
    ring: KeyRing,
    world: &World,
) -> Result<Gossip, OptionsError> {
    let generation = u64::try_from(world.clock.now_micros() / 1000).unwrap_or(0);
    let mut options = hm_gossip::Options::new(me, generation, advertise, ring);
    options.gossip_interval = cluster.gossip_interval.as_duration();
    options.failure_threshold = cluster.failure_threshold;
    Gossip::start(options, world.datagrams.clone(), world.random.as_ref())
}

fn itself(report: &NodeReport) -> Peer {
    Peer {
        id: report.node,
        addresses: report
            .addresses
            .iter()
            .map(|ip| (*ip, report.api_port).into())
            .collect(),
    }
}
