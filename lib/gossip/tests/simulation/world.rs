//! Many cores in one thread on virtual time: a heap of events, a network that loses and delays, nodes that pause and die.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use hm_gossip::{Core, KeyRing, Member, MemberState, Options, Output};
use hm_model::NodeId;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// What a socket holds for a process that does not read.
const SOCKET: usize = 400;
/// Milliseconds between two starts.
const JOIN_EVERY: u64 = 5;

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[derive(Debug)]
enum Event {
    Deliver { to: usize, datagram: Vec<u8> },
    Timer { node: usize },
    Wake { node: usize },
}

#[derive(Debug)]
struct Planned {
    at: Duration,
    order: u64,
    event: Event,
}

impl PartialEq for Planned {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Planned {}

impl PartialOrd for Planned {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Planned {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

/// What happens to datagrams for a node that stands still.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Pause {
    /// The process stops, the kernel goes on: they wait in the socket.
    Process,
    /// The machine stops: they are lost.
    Machine,
}

struct Node {
    core: Option<Core>,
    paused: Option<(Duration, Pause)>,
    socket: Vec<Vec<u8>>,
    /// The earliest planned look at its timer.
    timer: Option<Duration>,
    starts: u64,
    pauses: Vec<(Duration, Duration)>,
}

/// A change of a member as a node saw it.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) at: Duration,
    pub(crate) observer: usize,
    pub(crate) about: usize,
    pub(crate) member: Member,
}

pub(crate) struct World {
    pub(crate) now: Duration,
    pub(crate) loss: f64,
    pub(crate) changes: Vec<Change>,
    /// Pairs of (from, to) that cannot talk.
    pub(crate) cut: BTreeSet<(usize, usize)>,
    pub(crate) interval: Duration,
    nodes: Vec<Node>,
    heap: BinaryHeap<Reverse<Planned>>,
    order: u64,
    rng: StdRng,
}

impl World {
    pub(crate) fn new(nodes: usize, seed: u64) -> Self {
        let node = || Node {
            core: None,
            paused: None,
            socket: Vec::new(),
            timer: None,
            starts: 0,
            pauses: Vec::new(),
        };
        Self {
            now: Duration::ZERO,
            loss: 0.0,
            changes: Vec::new(),
            cut: BTreeSet::new(),
            interval: ms(1_000),
            nodes: std::iter::repeat_with(node).take(nodes).collect(),
            heap: BinaryHeap::new(),
            order: 0,
            rng: StdRng::seed_from_u64(seed),
        }
    }

    /// All nodes started within a few seconds, joined and known to each other. Of a thousand that start together a few pairs
    /// may miss each other: they meet when one is the other's guest, and nobody waits for that here.
    pub(crate) fn joined(nodes: usize, seed: u64) -> Self {
        let mut world = Self::new(nodes, seed);
        for node in 0..nodes {
            world.start(node);
            if node > 0 {
                let seed = world.rng.random_range(0..node);
                world.announce(node, seed);
            }
            world.run(ms(JOIN_EVERY));
        }
        let few = nodes * nodes / 100_000;
        let met = world.run_until(ms(120_000), |world| {
            let unseen = (0..nodes).map(|node| nodes - 1 - world.sees_alive(node));
            unseen.sum::<usize>() <= few
        });
        assert!(met.is_some(), "not all have met: {:?}", world.strangers());
        world.changes.clear();
        world
    }

    /// Pairs of running nodes of which the first does not see the second alive.
    pub(crate) fn strangers(&self) -> Vec<(usize, usize, Option<MemberState>)> {
        let running: Vec<usize> = (0..self.nodes.len())
            .filter(|node| self.is_running(*node))
            .collect();
        let pairs = running
            .iter()
            .flat_map(|a| running.iter().map(move |b| (*a, *b)));
        let states = pairs.map(|(a, b)| (a, b, self.state(a, b)));
        states
            .filter(|(_, _, state)| *state != Some(MemberState::Alive))
            .collect()
    }

    /// A node's id: spread over the ring in an order that is not that of the numbers.
    pub(crate) fn id(node: usize) -> NodeId {
        NodeId::from_u64((node as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(crate) fn address(node: usize) -> SocketAddr {
        let bits = 0x0a00_0000 + node as u32;
        SocketAddr::new(IpAddr::V4(Ipv4Addr::from(bits)), 7946)
    }

    fn number(address: SocketAddr) -> usize {
        match address.ip() {
            IpAddr::V4(ip) => (u32::from(ip) - 0x0a00_0000) as usize,
            IpAddr::V6(ip) => panic!("no node lives at {ip}"),
        }
    }

    /// Starts a node, or starts it again.
    pub(crate) fn start(&mut self, node: usize) {
        self.nodes[node].starts += 1;
        let generation = self.nodes[node].starts * 1_000;
        self.start_as(node, generation);
    }

    pub(crate) fn start_as(&mut self, node: usize, generation: u64) {
        let keys = KeyRing::new([7; 32], []);
        let mut options = Options::new(Self::id(node), generation, Self::address(node), keys);
        options.gossip_interval = self.interval;
        let core = Core::new(options, self.rng.random(), self.now).expect("valid options");
        let place = &mut self.nodes[node];
        place.core = Some(core);
        place.socket.clear();
        place.paused = None;
        place.timer = None;
    }

    pub(crate) fn kill(&mut self, node: usize) {
        self.nodes[node].core = None;
    }

    pub(crate) fn is_running(&self, node: usize) -> bool {
        self.nodes[node].core.is_some()
    }

    pub(crate) fn is_paused(&self, node: usize) -> bool {
        self.nodes[node].paused.is_some()
    }

    /// Beginning and length of a node's last pauses.
    pub(crate) fn last_pauses(&self, node: usize) -> &[(Duration, Duration)] {
        let pauses = &self.nodes[node].pauses;
        &pauses[pauses.len().saturating_sub(3)..]
    }

    pub(crate) fn announce(&mut self, node: usize, to: usize) {
        let now = self.now;
        self.core_mut(node).announce(Self::address(to), now);
        self.after(node);
    }

    pub(crate) fn leave(&mut self, node: usize) {
        let now = self.now;
        self.core_mut(node).leave(now);
        self.after(node);
    }

    pub(crate) fn set_keys(&mut self, node: usize, keys: KeyRing) {
        self.core_mut(node).set_keys(keys);
    }

    pub(crate) fn pause(&mut self, node: usize, time: Duration, how: Pause) {
        let until = self.now + time;
        self.nodes[node].paused = Some((until, how));
        self.nodes[node].pauses.push((self.now, time));
        self.plan(until, Event::Wake { node });
    }

    /// Cuts two sets of nodes off from each other.
    pub(crate) fn part(&mut self, some: &[usize], others: &[usize]) {
        for a in some {
            for b in others {
                self.cut.insert((*a, *b));
                self.cut.insert((*b, *a));
            }
        }
    }

    pub(crate) fn core(&self, node: usize) -> &Core {
        self.nodes[node].core.as_ref().expect("the node runs")
    }

    fn core_mut(&mut self, node: usize) -> &mut Core {
        self.nodes[node].core.as_mut().expect("the node runs")
    }

    pub(crate) fn state(&self, observer: usize, about: usize) -> Option<MemberState> {
        self.core(observer)
            .members()
            .get(Self::id(about))
            .map(|member| member.state)
    }

    /// How many others a node sees alive.
    pub(crate) fn sees_alive(&self, observer: usize) -> usize {
        let others = self.core(observer).members().others();
        others
            .filter(|member| member.state == MemberState::Alive)
            .count()
    }

    pub(crate) fn random(&mut self) -> &mut StdRng {
        &mut self.rng
    }

    pub(crate) fn run(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(Reverse(next)) = self.heap.peek() {
            if next.at > until {
                break;
            }
            let Some(Reverse(planned)) = self.heap.pop() else {
                break;
            };
            self.now = planned.at;
            self.happen(planned.event);
        }
        self.now = until;
    }

    /// Runs until the condition holds, looking every 10 ms (or 100, if it is a crowd); how long that took, or nothing if it took too long.
    pub(crate) fn run_until(
        &mut self,
        limit: Duration,
        holds: impl Fn(&Self) -> bool,
    ) -> Option<Duration> {
        let start = self.now;
        while !holds(self) {
            if self.now - start >= limit {
                return None;
            }
            self.run(ms(if self.nodes.len() > 100 { 100 } else { 10 }));
        }
        Some(self.now - start)
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Deliver { to, datagram } => self.deliver(to, &datagram),
            Event::Timer { node } => self.tick(node),
            Event::Wake { node } => self.wake(node),
        }
    }

    fn deliver(&mut self, to: usize, datagram: &[u8]) {
        let now = self.now;
        let place = &mut self.nodes[to];
        match (&mut place.core, place.paused) {
            (None, _) | (Some(_), Some((_, Pause::Machine))) => {}
            (Some(_), Some((_, Pause::Process))) => {
                if place.socket.len() < SOCKET {
                    place.socket.push(datagram.to_vec());
                }
            }
            (Some(core), None) => {
                core.handle_datagram(datagram, now);
                self.after(to);
            }
        }
    }

    fn tick(&mut self, node: usize) {
        let now = self.now;
        let place = &mut self.nodes[node];
        if place.timer != Some(now) {
            return;
        }
        place.timer = None;
        if place.paused.is_some() {
            return;
        }
        if let Some(core) = &mut place.core {
            if core.poll_timeout().is_some_and(|at| at <= now) {
                core.handle_timeout(now);
            }
            self.after(node);
        }
    }

    /// As the shell does it: first the socket, then the timer.
    fn wake(&mut self, node: usize) {
        let now = self.now;
        if self.nodes[node].paused.is_none_or(|(until, _)| until > now) {
            return;
        }
        self.nodes[node].paused = None;
        let waiting = std::mem::take(&mut self.nodes[node].socket);
        if let Some(core) = &mut self.nodes[node].core {
            for datagram in waiting {
                core.handle_datagram(&datagram, now);
            }
            core.handle_timeout(now);
            self.after(node);
        }
    }

    /// Carries out what a core wants.
    fn after(&mut self, node: usize) {
        while let Some(output) = self.nodes[node].core.as_mut().and_then(Core::poll_output) {
            match output {
                Output::Send { to, datagram } => self.send(node, Self::number(to), datagram),
                Output::MemberChanged(member) => self.note(node, member),
                Output::MemberForgotten(_) => {}
            }
        }
        let due = self.nodes[node].core.as_ref().and_then(Core::poll_timeout);
        // An earlier event looks again by itself.
        let timer = self.nodes[node].timer;
        if let Some(at) = due.map(|at| at.max(self.now))
            && timer.is_none_or(|timer| at < timer)
        {
            self.nodes[node].timer = Some(at);
            self.plan(at, Event::Timer { node });
        }
    }

    fn note(&mut self, observer: usize, member: Member) {
        // Ids are spread by multiplication; its inverse gives the number back.
        let number = member.node.as_u64().wrapping_mul(0xf1de_83e1_9937_733d) - 1;
        self.changes.push(Change {
            at: self.now,
            observer,
            about: number as usize,
            member,
        });
    }

    fn send(&mut self, from: usize, to: usize, datagram: Vec<u8>) {
        if self.cut.contains(&(from, to)) || self.rng.random_bool(self.loss) {
            return;
        }
        let delay = Duration::from_micros(self.rng.random_range(200..5_000));
        self.plan(self.now + delay, Event::Deliver { to, datagram });
    }

    fn plan(&mut self, at: Duration, event: Event) {
        self.order += 1;
        let order = self.order;
        self.heap.push(Reverse(Planned { at, order, event }));
    }
}
