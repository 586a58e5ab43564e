//! Everything that decides, without sockets, clocks or tasks: datagrams and the time go in, outputs come out.
//!
//! Call `handle_datagram` and `handle_timeout` as things happen, with a time that never goes backwards; then pull outputs
//! until there are none, and sleep until `poll_timeout`. After a pause hand over the waiting datagrams before the timeout.

use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::num::{NonZeroU8, NonZeroUsize};
use std::time::Duration;

use foca::{Config, Foca, NoCustomBroadcast};
use hm_model::NodeId;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::codec::WireCodec;
use crate::health::Health;
use crate::identity::Identity;
use crate::members::{Member, MemberState, Members};
use crate::options::{Options, OptionsError};
use crate::replay::Replay;
use crate::seal::{KeyRing, OVERHEAD, Seal};
use crate::statistics::Statistics;
use crate::timing::Timing;
use crate::watch::Watch;

mod effects;
mod inbound;
mod outbound;
mod timers;
mod view;

use effects::Effects;
use timers::Timers;

/// With the headers of IP and UDP this makes packets of 1,400 bytes: no path we know cuts them.
const MAX_DATAGRAM: usize = 1_372;
/// Who was down this long is forgotten.
const REMEMBER_DOWN: Duration = Duration::from_secs(24 * 3_600);

#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Output {
    Send {
        to: SocketAddr,
        datagram: Vec<u8>,
    },
    MemberChanged(Member),
    /// Down or gone for a day: no longer in the list.
    MemberForgotten(NodeId),
}

pub struct Core {
    foca: Foca<Identity, WireCodec, StdRng, NoCustomBroadcast>,
    /// foca's own identity and incarnation, for what we write ourselves.
    own: Identity,
    incarnation: u16,
    gossip_interval: Duration,
    failure_threshold: u32,
    timing: Timing,
    timers: Timers,
    seal: Seal,
    replay: Replay,
    watch: Watch,
    health: Health,
    members: Members,
    /// How many others are active, whatever the view from here shows.
    active: BTreeSet<NodeId>,
    /// Whom foca says to be suspected: their pings carry the suspicion, so that they can refute it.
    suspected: BTreeSet<NodeId>,
    /// Guests still to come in this round.
    round: Vec<NodeId>,
    seeds: BTreeSet<SocketAddr>,
    /// The last two different members heard, the latest first: one silent member does not make us deaf.
    heard: [(NodeId, Duration); 2],
    /// Nobody was heard for so long that from here all are down; nobody is told, as the fault may be here.
    cut_off: bool,
    left: bool,
    effects: Effects,
    outputs: VecDeque<Output>,
    rng: StdRng,
    statistics: Statistics,
}

impl Core {
    /// `seed` must be unpredictable in production and is what makes simulations repeat. `now` is any monotonic time.
    pub fn new(options: Options, seed: [u8; 32], now: Duration) -> Result<Self, OptionsError> {
        options.check()?;
        let own = Identity {
            node: options.node,
            generation: options.generation,
            address: options.advertise,
        };
        let mut rng = StdRng::from_seed(seed);
        let timing = Timing::from(options.gossip_interval, options.failure_threshold, 1);
        let salt = rng.random();
        let foca_rng = StdRng::from_seed(rng.random());
        Ok(Self {
            foca: Foca::new(own, config(&timing), foca_rng, WireCodec),
            own,
            incarnation: 0,
            gossip_interval: options.gossip_interval,
            failure_threshold: options.failure_threshold,
            timing,
            timers: Timers::default(),
            seal: Seal::new(options.keys, salt),
            replay: Replay::default(),
            watch: Watch::new(own.node),
            health: Health::new(now),
            members: Members::new(Member {
                node: own.node,
                address: own.address,
                generation: own.generation,
                incarnation: 0,
                state: MemberState::Alive,
                since: now,
            }),
            active: BTreeSet::new(),
            suspected: BTreeSet::new(),
            round: Vec::new(),
            seeds: BTreeSet::new(),
            heard: [(own.node, now); 2],
            cut_off: false,
            left: false,
            effects: Effects::default(),
            outputs: VecDeque::new(),
            rng,
            statistics: Statistics::default(),
        })
    }

    /// Joins whoever listens at `address`, and tries again until a member lives there. Announcing what is known is harmless.
    pub fn announce(&mut self, address: SocketAddr, now: Duration) {
        if self.left || address == self.own.address || !self.seeds.insert(address) {
            return;
        }
        self.ask_to_join(address, now);
        self.plan_rejoin(now);
    }

    /// Says goodbye. From now on nothing is answered; the farewell is repeated for as long as `poll_timeout` says.
    pub fn leave(&mut self, now: Duration) {
        if self.left {
            return;
        }
        self.left = true;
        self.watch.clear();
        self.timers = Timers::default();
        self.say_farewell(now);
        let own = self.members.own_mut();
        own.state = MemberState::Left;
        own.since = now;
        self.outputs.push_back(Output::MemberChanged(own.clone()));
    }

    /// The keys from now on; see [`KeyRing`] for how to change them on a running cluster.
    pub fn set_keys(&mut self, keys: KeyRing) {
        self.seal.set_keys(keys);
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call `handle_timeout`, if nothing else happens before. `None` while alone: an idle node sleeps.
    pub fn poll_timeout(&self) -> Option<Duration> {
        [self.timers.next(), self.watch.next()]
            .into_iter()
            .flatten()
            .min()
    }

    pub fn members(&self) -> &Members {
        &self.members
    }

    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// The numbers in force for the present size of the cluster.
    pub fn timing(&self) -> &Timing {
        &self.timing
    }

    /// Before anything else at every entry: were we paused?
    fn wake(&mut self, now: Duration) {
        if let Some(asleep) = self.health.wake(now, self.poll_timeout(), &self.timing) {
            self.statistics.late += 1;
            self.watch.forgive(asleep, now);
            for (_, at) in &mut self.heard {
                *at = now.min(*at + asleep);
            }
        }
    }

    fn resize(&mut self) {
        let size = self.active.len() + 1;
        let timing = Timing::from(self.gossip_interval, self.failure_threshold, size);
        if timing != self.timing {
            self.timing = timing;
            // Cannot fail: foca refuses only changes of its probe periods, which are always the same.
            let _ = self.foca.set_config(config(&self.timing));
        }
    }
}

/// What foca shall do, which is everything but probing and keeping time (see `watch` and `timers`).
fn config(timing: &Timing) -> Config {
    let fanout = NonZeroUsize::new(timing.fanout).unwrap_or(NonZeroUsize::MIN);
    Config {
        num_indirect_probes: fanout,
        max_transmissions: NonZeroU8::new(timing.transmissions).unwrap_or(NonZeroU8::MIN),
        remove_down_after: Some(REMEMBER_DOWN),
        max_packet_size: NonZeroUsize::new(MAX_DATAGRAM - OVERHEAD).unwrap_or(NonZeroUsize::MIN),
        notify_down_members: true,
        ..Config::simple()
    }
}

#[cfg(test)]
mod tests;
