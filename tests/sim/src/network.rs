//! The simulated network: delays, loss, doubling, cuts in one or both directions; calls, links and datagrams run over it.

mod calls;
mod datagrams;
mod links;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hm_model::NodeId;
use hm_ports::task::Scope;
use hm_ports::{Datagrams, Handler, Transport};
use tokio::time::sleep;

use crate::random::Chance;
use crate::trace::Trace;
use calls::Caller;
use datagrams::{Inbox, Socket};

/// How the network treats what is sent over it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    pub(crate) least_delay: Duration,
    pub(crate) most_delay: Duration,
    /// Of a thousand datagrams, so many are lost; a call or a frame is delayed instead, as TCP would repeat it.
    pub(crate) lost: u32,
    /// Of a thousand datagrams and calls, so many arrive twice.
    pub(crate) doubled: u32,
}

impl Weather {
    pub(crate) const FAIR: Self = Self {
        least_delay: Duration::from_micros(200),
        most_delay: Duration::from_millis(2),
        lost: 0,
        doubled: 0,
    };
    pub(crate) const FOUL: Self = Self {
        least_delay: Duration::from_micros(200),
        most_delay: Duration::from_millis(40),
        lost: 50,
        doubled: 20,
    };
}

const TCP_REPEATS_AFTER: Duration = Duration::from_millis(200);
/// While a cut lasts, what waits to cross it looks again this often.
const CUT_CHECK: Duration = Duration::from_millis(20);

#[derive(Clone)]
pub(crate) struct Network(Arc<Inner>);

struct Inner {
    chance: Chance,
    trace: Trace,
    state: Mutex<State>,
}

struct State {
    weather: Weather,
    /// What is sent from the first to the second does not arrive.
    cut: BTreeSet<(NodeId, NodeId)>,
    nodes: BTreeMap<NodeId, Listener>,
    sent: BTreeMap<NodeId, u64>,
    received: BTreeMap<NodeId, u64>,
}

/// A node that can be reached: one life of it.
#[derive(Clone)]
struct Listener {
    scope: Arc<Scope>,
    handler: Option<Arc<dyn Handler>>,
    inbox: Arc<Inbox>,
    address: SocketAddr,
    death: Death,
}

/// What a node that is gone answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Death {
    /// The process is gone, the machine says so at once.
    Reset,
    /// The machine is gone: nothing comes back.
    Silent,
}

/// The address of a node follows from its place in the cluster.
pub(crate) fn address_of(place: usize) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(
        10,
        0,
        0,
        u8::try_from(place + 1).unwrap_or(u8::MAX),
    ))
}

impl Network {
    pub(crate) fn new(chance: Chance, trace: Trace) -> Self {
        let state = State {
            weather: Weather::FAIR,
            cut: BTreeSet::new(),
            nodes: BTreeMap::new(),
            sent: BTreeMap::new(),
            received: BTreeMap::new(),
        };
        Self(Arc::new(Inner {
            chance,
            trace,
            state: Mutex::new(state),
        }))
    }

    pub(crate) fn set_weather(&self, weather: Weather) {
        self.state(|state| state.weather = weather);
    }

    /// From now on nothing gets from one node to the other; the way back is a cut of its own.
    pub(crate) fn cut(&self, from: NodeId, to: NodeId) {
        self.state(|state| state.cut.insert((from, to)));
    }

    pub(crate) fn heal_all(&self) {
        self.state(|state| state.cut.clear());
    }

    /// Opens a node's socket: the life before it, if any, hears nothing more.
    pub(crate) fn bind(
        &self,
        node: NodeId,
        address: SocketAddr,
        scope: &Arc<Scope>,
    ) -> Arc<dyn Datagrams> {
        let inbox = Arc::new(Inbox::default());
        let listener = Listener {
            scope: scope.clone(),
            handler: None,
            inbox: inbox.clone(),
            address,
            death: Death::Reset,
        };
        self.state(|state| state.nodes.insert(node, listener));
        Arc::new(Socket {
            network: self.clone(),
            node,
            address,
            inbox,
        })
    }

    pub(crate) fn listen(&self, node: NodeId, handler: Arc<dyn Handler>) {
        self.state(|state| {
            if let Some(listener) = state.nodes.get_mut(&node) {
                listener.handler = Some(handler);
            }
        });
    }

    /// The calling side of one life of a node.
    pub(crate) fn transport(&self, node: NodeId, scope: &Arc<Scope>) -> Arc<dyn Transport> {
        Arc::new(Caller {
            network: self.clone(),
            node,
            scope: scope.clone(),
        })
    }

    /// Says how a node that is gone looks from outside.
    pub(crate) fn bury(&self, node: NodeId, death: Death) {
        self.state(|state| {
            if let Some(listener) = state.nodes.get_mut(&node) {
                listener.death = death;
            }
        });
    }

    /// How many messages each node sent, and received, since the run began. Every frame, call and datagram is one.
    pub(crate) fn traffic(&self) -> (BTreeMap<NodeId, u64>, BTreeMap<NodeId, u64>) {
        self.state(|state| (state.sent.clone(), state.received.clone()))
    }

    /// Everything that moves is part of the run: two runs of a seed must agree on each message.
    fn note_message(&self, from: NodeId, to: Option<NodeId>, size: usize) {
        self.0.trace.mix((from, to, size));
        self.state(|state| {
            *state.sent.entry(from).or_default() += 1;
            if let Some(to) = to {
                *state.received.entry(to).or_default() += 1;
            }
        });
    }

    fn is_silent(&self, node: NodeId) -> bool {
        self.state(|state| {
            state
                .nodes
                .get(&node)
                .is_some_and(|listener| listener.scope.is_dead() && listener.death == Death::Silent)
        })
    }

    fn listener(&self, node: NodeId) -> Option<Listener> {
        self.state(|state| state.nodes.get(&node).cloned())
            .filter(|listener| !listener.scope.is_dead())
    }

    fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.state(|state| state.cut.contains(&(from, to)))
    }

    fn weather(&self) -> Weather {
        self.state(|state| state.weather)
    }

    fn delay(&self) -> Duration {
        let weather = self.weather();
        self.0
            .chance
            .between(weather.least_delay, weather.most_delay)
    }

    /// The way of one segment of a connection: late when lost, as late as it takes when cut.
    async fn cross(&self, from: NodeId, to: NodeId, size: usize) {
        self.note_message(from, Some(to), size);
        sleep(self.delay()).await;
        while self.0.chance.per_mille(self.weather().lost) {
            sleep(TCP_REPEATS_AFTER).await;
        }
        while self.is_cut(from, to) {
            sleep(CUT_CHECK).await;
        }
    }

    fn state<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
