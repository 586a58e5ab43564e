//! Time passes.

use std::collections::BTreeSet;
use std::time::Duration;

use foca::{Member, State, Timer};
use hm_model::NodeId;
use rand::RngExt;
use rand::seq::{IteratorRandom, SliceRandom};

use super::view::Touched;
use super::{Core, Output};
use crate::members::MemberState;
use crate::timing::Timing;
use crate::watch::{EACH_SIDE, Step};

/// The farewell is said this often in all.
const FAREWELL_TIMES: u32 = 3;
/// How many are asked to let us in at a time, while we are alone.
const KNOCKS: usize = 3;

/// All that is planned, except the watch.
#[derive(Debug, Default)]
pub(super) struct Timers {
    pub(super) forget: BTreeSet<(Duration, NodeId, u64)>,
    farewell: Option<Duration>,
    farewells: u32,
    news: Option<Duration>,
    last_news: Duration,
    guest: Option<Duration>,
    sync: Option<Duration>,
    sync_pause: Duration,
    synced_members: usize,
    rejoin: Option<Duration>,
    rejoin_pause: Duration,
}

impl Timers {
    pub(super) fn next(&self) -> Option<Duration> {
        let forget = self.forget.first().map(|(at, _, _)| *at);
        [
            self.farewell,
            self.news,
            self.guest,
            self.sync,
            self.rejoin,
            forget,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    pub(super) fn plan_farewell(&mut self, at: Duration) {
        self.farewells += 1;
        self.farewell = (self.farewells < FAREWELL_TIMES).then_some(at);
    }
}

/// Takes the timer if it is due.
fn due(timer: &mut Option<Duration>, now: Duration) -> bool {
    timer.take_if(|at| *at <= now).is_some()
}

impl Core {
    /// Does what is due. Harmless when nothing is.
    pub fn handle_timeout(&mut self, now: Duration) {
        self.wake(now);
        if due(&mut self.timers.farewell, now) {
            self.say_farewell(now);
        }
        if self.left {
            return;
        }
        self.forget_the_long_gone(now);
        if due(&mut self.timers.guest, now) {
            self.invite_guest(now);
        }
        let stretched = Timing {
            down_after: self.health.patience(self.timing.down_after),
            ..self.timing
        };
        for step in self.watch.due(now, &stretched) {
            self.take(step, now);
        }
        self.notice_cut_off(now);
        if due(&mut self.timers.news, now) {
            self.send_news(now);
        }
        if due(&mut self.timers.sync, now) {
            self.sync(now);
        }
        if due(&mut self.timers.rejoin, now) {
            self.rejoin(now);
        }
    }

    fn take(&mut self, step: Step, now: Duration) {
        match step {
            Step::Ping(node, number) => self.ping(node, number),
            Step::PingThrough(node, number) => self.ping_through_others(node, number),
            Step::Doubt(node) => self.refresh(&Touched::these(vec![node]), now),
            Step::Suspect(node) => self.declare(node, State::Suspect, now),
            Step::Lost(node) => self.declare(node, State::Down, now),
        }
    }

    /// Says of a silent member what everyone should know, unless the silence is probably ours.
    fn declare(&mut self, node: NodeId, state: State, now: Duration) {
        let Some(identity) = self.identity(node) else {
            return;
        };
        if self.is_deaf_but_for(node, now) {
            return;
        }
        let update = Member::new(identity, self.known_incarnation(node), state);
        // Neither can fail: both write only what fits.
        let _ = self
            .foca
            .apply_many(std::iter::once(update), true, &mut self.effects);
        self.settle(&Touched::these(vec![node]), now);
        if state == State::Down {
            self.tell_down(identity);
        }
        self.send_news(now);
    }

    /// Nobody but `node` to hear means that nothing can be concluded; with a single other member there is no choice.
    fn is_deaf_but_for(&self, node: NodeId, now: Duration) -> bool {
        let (_, at) = if self.heard[0].0 == node {
            self.heard[1]
        } else {
            self.heard[0]
        };
        self.active.len() > 1 && now.saturating_sub(at) > self.deaf_after()
    }

    pub(super) fn is_deaf_to_all(&self, now: Duration) -> bool {
        self.active.len() > 1 && now.saturating_sub(self.heard[0].1) > self.deaf_after()
    }

    /// Two exchanges with each watched member, and time to repeat them.
    fn deaf_after(&self) -> Duration {
        self.timing.second_asker + self.timing.retry * 4
    }

    fn notice_cut_off(&mut self, now: Duration) {
        let silence = now.saturating_sub(self.heard[0].1);
        if !self.cut_off && self.active.len() > 1 && silence >= self.timing.down_after * 2 {
            self.cut_off = true;
            self.refresh(&Touched::All, now);
        }
    }

    fn forget_the_long_gone(&mut self, now: Duration) {
        while let Some((_, node, generation)) = self.timers.forget.pop_first_if_due(now) {
            let gone = self.identity(node).filter(|identity| {
                identity.generation == generation && !self.active.contains(&node)
            });
            if let Some(identity) = gone {
                let timer = Timer::RemoveDown(identity);
                // Cannot fail: it only removes.
                let _ = self.foca.handle_timer(timer, &mut self.effects);
                self.members.remove(node);
                self.replay.forget(node);
                self.outputs.push_back(Output::MemberForgotten(node));
            }
        }
    }

    /// One more member to ask, in random order, each once per round.
    fn invite_guest(&mut self, now: Duration) {
        self.timers.guest = Some(now + self.timing.probe_period);
        if !self.watch.wants_guests() {
            return;
        }
        // The second time around is a new round.
        for _ in 0..2 {
            while let Some(node) = self.round.pop() {
                if self.active.contains(&node) && !self.watch.watches(node) {
                    self.watch.invite(node, now);
                    return;
                }
            }
            self.round = self.active.iter().copied().collect();
            self.round.shuffle(&mut self.rng);
        }
    }

    /// Small clusters need no guests: everyone is a neighbour.
    pub(super) fn plan_guest(&mut self, now: Duration) {
        if self.active.len() <= 2 * EACH_SIDE {
            self.timers.guest = None;
        } else if self.timers.guest.is_none() {
            self.timers.guest = Some(now + self.timing.probe_period);
        }
    }

    /// At once when there is news after a quiet time, else in the rhythm.
    pub(super) fn plan_news(&mut self, now: Duration) {
        if self.timers.news.is_none() && self.foca.updates_backlog() > 0 && !self.active.is_empty()
        {
            self.timers.news = Some(now.max(self.timers.last_news + self.timing.news_every));
        }
    }

    fn send_news(&mut self, now: Duration) {
        self.timers.news = None;
        self.timers.last_news = now;
        // Fails only if a message does not fit, which it does.
        let _ = self.foca.gossip(&mut self.effects);
        self.settle(&Touched::nobody(), now);
    }

    /// First contact after being alone: soon look at the lists of others, until they hold nothing new.
    pub(super) fn plan_sync(&mut self, now: Duration) {
        self.timers.sync_pause = self.timing.news_every;
        self.timers.sync = Some(now + self.timers.sync_pause);
    }

    pub(super) fn stop_sync(&mut self) {
        self.timers.sync = None;
    }

    fn sync(&mut self, now: Duration) {
        let Some(node) = self.active.iter().copied().choose(&mut self.rng) else {
            return;
        };
        if self.active.len() > self.timers.synced_members {
            self.timers.sync_pause = self.timing.news_every;
        } else {
            self.timers.sync_pause = (self.timers.sync_pause * 2).min(self.timing.sync_every);
        }
        self.timers.synced_members = self.active.len();
        // Not all at the same time.
        let jitter = self.rng.random_range(0.8..1.2);
        self.timers.sync = Some(now + self.timers.sync_pause.mul_f64(jitter));
        if let Some(identity) = self.identity(node) {
            let _ = self.foca.announce(identity, &mut self.effects);
            self.settle(&Touched::nobody(), now);
        }
    }

    /// Somebody went down, a seed was named or nobody is left: from now on, knock at the doors of those who are down, and of
    /// seeds where no member lives.
    pub(super) fn plan_rejoin(&mut self, now: Duration) {
        if self.timers.rejoin.is_none() {
            self.timers.rejoin_pause = self.timing.probe_period;
            let pause = self.rejoin_pause();
            // All nodes plan this at the same time; the whole cluster is to knock evenly.
            self.timers.rejoin = Some(now + pause.mul_f64(self.rng.random_range(0.1..1.0)));
        }
    }

    /// Alone: soon, then ever more seldom. In company: at the pace of the whole cluster.
    fn rejoin_pause(&mut self) -> Duration {
        if !self.active.is_empty() {
            return self.timing.rejoin_every;
        }
        let pause = self.timers.rejoin_pause;
        self.timers.rejoin_pause = (pause * 2).min(self.timing.probe_period * 20);
        pause
    }

    fn rejoin(&mut self, now: Duration) {
        let doors = self.doors();
        if doors.is_empty() {
            return;
        }
        let pause = self.rejoin_pause();
        let jitter = self.rng.random_range(0.8..1.2);
        self.timers.rejoin = Some(now + pause.mul_f64(jitter));
        let knocks = if self.active.is_empty() { KNOCKS } else { 1 };
        for address in doors.into_iter().sample(&mut self.rng, knocks) {
            self.ask_to_join(address, now);
        }
    }

    fn doors(&self) -> BTreeSet<std::net::SocketAddr> {
        let mut doors = self.seeds.clone();
        for member in self.members.others() {
            if self.active.contains(&member.node) {
                doors.remove(&member.address);
            }
        }
        let down = self.members.others().filter(|member| {
            member.state == MemberState::Down && !self.active.contains(&member.node)
        });
        doors.extend(down.map(|member| member.address));
        doors.remove(&self.own.address);
        doors
    }
}

/// The earliest entry, once its time has come.
trait PopDue {
    fn pop_first_if_due(&mut self, now: Duration) -> Option<(Duration, NodeId, u64)>;
}

impl PopDue for BTreeSet<(Duration, NodeId, u64)> {
    fn pop_first_if_due(&mut self, now: Duration) -> Option<(Duration, NodeId, u64)> {
        let due = self.first().is_some_and(|(at, _, _)| *at <= now);
        if due { self.pop_first() } else { None }
    }
}
