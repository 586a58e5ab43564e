//! The simulated network: delays, loss, doubling, cuts in one or both directions; calls, links and datagrams run over it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use hm_model::NodeId;
use hm_ports::task::Scope;
use hm_ports::{BoxFuture, CallError, Datagrams, Handler, Link, Method, Peer, Transport};
use tokio::sync::{Notify, mpsc};
use tokio::time::sleep;

use crate::random::Chance;

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
const QUEUE: usize = 64;
/// While a cut lasts, what waits to cross it looks again this often.
const CUT_CHECK: Duration = Duration::from_millis(20);

#[derive(Clone)]
pub(crate) struct Network(Arc<Inner>);

struct Inner {
    chance: Chance,
    state: Mutex<State>,
}

struct State {
    weather: Weather,
    /// What is sent from the first to the second does not arrive.
    cut: BTreeSet<(NodeId, NodeId)>,
    nodes: BTreeMap<NodeId, Listener>,
}

/// A node that can be reached: one life of it.
#[derive(Clone)]
struct Listener {
    scope: Arc<Scope>,
    handler: Option<Arc<dyn Handler>>,
    inbox: Arc<Inbox>,
    address: SocketAddr,
}

/// What lies in a socket until it is read.
#[derive(Default)]
struct Inbox {
    datagrams: Mutex<VecDeque<(SocketAddr, Bytes)>>,
    arrived: Notify,
}

/// A full inbox loses datagrams, as a socket's buffer does.
const INBOX: usize = 1024;

impl Inbox {
    fn push(&self, received: (SocketAddr, Bytes)) {
        let mut datagrams = self
            .datagrams
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if datagrams.len() < INBOX {
            datagrams.push_back(received);
            self.arrived.notify_one();
        }
    }

    fn pop(&self) -> Option<(SocketAddr, Bytes)> {
        self.datagrams
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    }
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
    pub(crate) fn new(chance: Chance) -> Self {
        let state = State {
            weather: Weather::FAIR,
            cut: BTreeSet::new(),
            nodes: BTreeMap::new(),
        };
        Self(Arc::new(Inner {
            chance,
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
    async fn cross(&self, from: NodeId, to: NodeId) {
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

struct Caller {
    network: Network,
    node: NodeId,
    scope: Arc<Scope>,
}

impl Transport for Caller {
    fn call(&self, to: Peer, method: Method, body: Bytes) -> BoxFuture<Result<Bytes, CallError>> {
        let (network, from) = (self.network.clone(), self.node);
        async move {
            network.cross(from, to.id).await;
            let doubled = network.0.chance.per_mille(network.weather().doubled);
            if doubled {
                drop(network.run(from, to.id, method, body.clone()));
            }
            let Some(answer) = network.run(from, to.id, method, body) else {
                return Err(unreachable(to.id));
            };
            // A node that dies while it answers closes the connection.
            let answer = answer.await.map_err(|_| unreachable(to.id))?;
            network.cross(to.id, from).await;
            answer.map_err(|refusal| CallError::Refused {
                node: to.id,
                refusal,
            })
        }
        .boxed()
    }

    fn link(&self, to: Peer, method: Method, hello: Bytes) -> BoxFuture<Result<Link, CallError>> {
        let (network, from, scope) = (self.network.clone(), self.node, self.scope.clone());
        async move {
            network.cross(from, to.id).await;
            let Some(listener) = network.listener(to.id) else {
                return Err(unreachable(to.id));
            };
            let Some(handler) = listener.handler.clone() else {
                return Err(unreachable(to.id));
            };
            let (here, there) = network.connect(from, &scope, to.id, &listener.scope);
            let taken = handler.link(from, method.to_owned(), hello, there);
            tokio::spawn(listener.scope.enter(async move {
                let _ = taken.await;
            }));
            network.cross(to.id, from).await;
            Ok(here)
        }
        .boxed()
    }
}

fn unreachable(node: NodeId) -> CallError {
    CallError::Unreachable {
        node,
        reason: "connection refused".to_owned(),
    }
}

type Answered = tokio::sync::oneshot::Receiver<Result<Bytes, hm_ports::Refusal>>;

impl Network {
    /// Runs a call in the scope of the called node.
    fn run(&self, from: NodeId, to: NodeId, method: Method, body: Bytes) -> Option<Answered> {
        let listener = self.listener(to)?;
        let answering = listener.handler?.call(from, method.to_owned(), body);
        let (answer, answered) = tokio::sync::oneshot::channel();
        tokio::spawn(listener.scope.enter(async move {
            let _ = answer.send(answering.await);
        }));
        Some(answered)
    }

    /// Two ends of a connection, each with a pump that carries frames over the network until an end is dropped or dead.
    fn connect(
        &self,
        a: NodeId,
        a_scope: &Arc<Scope>,
        b: NodeId,
        b_scope: &Arc<Scope>,
    ) -> (Link, Link) {
        let (a_out, from_a) = mpsc::channel(QUEUE);
        let (to_a, a_in) = mpsc::channel(QUEUE);
        let (b_out, from_b) = mpsc::channel(QUEUE);
        let (to_b, b_in) = mpsc::channel(QUEUE);
        let scopes = [a_scope.clone(), b_scope.clone()];
        tokio::spawn(pump(self.clone(), (a, b), from_a, to_b, scopes.clone()));
        tokio::spawn(pump(self.clone(), (b, a), from_b, to_a, scopes));
        (
            Link {
                outgoing: a_out,
                incoming: a_in,
            },
            Link {
                outgoing: b_out,
                incoming: b_in,
            },
        )
    }
}

/// How soon the living end of a connection learns that the other process is gone.
const DEATH_SHOWS_AFTER: Duration = Duration::from_millis(50);

async fn pump(
    network: Network,
    (from, to): (NodeId, NodeId),
    mut frames: mpsc::Receiver<Bytes>,
    into: mpsc::Sender<Bytes>,
    scopes: [Arc<Scope>; 2],
) {
    loop {
        let next = tokio::time::timeout(DEATH_SHOWS_AFTER, frames.recv());
        tokio::select! {
            biased;
            () = into.closed() => return,
            next = next => match next {
                Ok(Some(frame)) => {
                    network.cross(from, to).await;
                    if into.send(frame).await.is_err() {
                        return;
                    }
                }
                Ok(None) => return,
                Err(_) if scopes.iter().any(|scope| scope.is_dead()) && !network.is_cut(from, to) => return,
                Err(_) => {}
            }
        }
    }
}

/// One bound datagram socket.
struct Socket {
    network: Network,
    node: NodeId,
    address: SocketAddr,
    inbox: Arc<Inbox>,
}

impl Datagrams for Socket {
    fn try_send(&self, to: SocketAddr, datagram: &[u8]) -> io::Result<()> {
        let weather = self.network.weather();
        let chance = &self.network.0.chance;
        let copies = if chance.per_mille(weather.doubled) {
            2
        } else {
            1
        };
        for _ in 0..copies {
            if chance.per_mille(weather.lost) {
                continue;
            }
            let (network, from, sender) = (self.network.clone(), self.node, self.address);
            let (delay, datagram) = (network.delay(), Bytes::copy_from_slice(datagram));
            tokio::spawn(async move {
                sleep(delay).await;
                network.deliver(from, sender, to, datagram);
            });
        }
        Ok(())
    }

    fn receive(&self) -> BoxFuture<io::Result<(SocketAddr, Bytes)>> {
        let inbox = self.inbox.clone();
        async move {
            loop {
                match inbox.pop() {
                    Some(received) => return Ok(received),
                    None => inbox.arrived.notified().await,
                }
            }
        }
        .boxed()
    }

    fn try_receive(&self) -> Option<(SocketAddr, Bytes)> {
        self.inbox.pop()
    }
}

impl Network {
    fn deliver(&self, from: NodeId, sender: SocketAddr, to: SocketAddr, datagram: Bytes) {
        self.state(|state| {
            let Some((node, listener)) = state
                .nodes
                .iter()
                .find(|(_, listener)| listener.address == to)
            else {
                return;
            };
            if !state.cut.contains(&(from, *node)) && !listener.scope.is_dead() {
                listener.inbox.push((sender, datagram));
            }
        });
    }
}
