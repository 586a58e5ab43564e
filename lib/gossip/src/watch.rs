//! Whom this node watches, and what their silence means.
//!
//! foca's own prober is not used. It asks one member at random each period: in a cluster of ten, one death in five would
//! not be noticed within the bound, and each failed round is told to everyone, so a thousand nodes with ten of them paused
//! would talk of nothing else. Here every node watches its neighbours on the ring of ids, two on each side, and they watch
//! it: one exchange per pair and period shows both that the other lives. One random guest per period is asked as SWIM would,
//! so that a part of the ring that sees only itself is noticed as well. What counts is silence, whatever breaks it.

use std::collections::BTreeMap;
use std::time::Duration;

use hm_model::NodeId;

use crate::timing::Timing;

/// Neighbours on each side: four watchers in all, so that dead and sleeping ones do not matter.
pub(crate) const EACH_SIDE: usize = 2;
/// Guests that do not answer stay; no more than this are asked at a time.
const GUESTS: usize = 3;

/// What to do about one watched member.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    Ping(NodeId, u8),
    /// Ask others to ask it.
    PingThrough(NodeId, u8),
    /// It is suspect as seen from here.
    Doubt(NodeId),
    /// Everyone should know.
    Suspect(NodeId),
    /// The whole bound is over. Repeated until the member is no longer watched.
    Lost(NodeId),
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Stage {
    Fine,
    Doubted,
    Suspected,
    Lost,
}

#[derive(Debug)]
struct Watched {
    /// The last sign of life, or the time we began to look.
    heard: Duration,
    next: Duration,
    stage: Stage,
    /// Pings since the last sign of life.
    asked: u32,
    number: u8,
    guest: bool,
}

#[derive(Debug)]
pub(crate) struct Watch {
    own: NodeId,
    watched: BTreeMap<NodeId, Watched>,
    number: u8,
}

impl Watch {
    pub(crate) const fn new(own: NodeId) -> Self {
        Self {
            own,
            watched: BTreeMap::new(),
            number: 0,
        }
    }

    /// A sign of life. True if it had been doubted.
    pub(crate) fn heard(&mut self, node: NodeId, now: Duration, timing: &Timing) -> bool {
        let wait = self.wait(node, timing);
        let Some(watched) = self.watched.get_mut(&node) else {
            return false;
        };
        let doubted = watched.stage >= Stage::Doubted;
        if watched.guest {
            self.watched.remove(&node);
        } else {
            watched.heard = now;
            watched.next = now + wait;
            watched.stage = Stage::Fine;
            watched.asked = 0;
        }
        doubted
    }

    /// Somebody reached `node` for us. Answers to earlier questions do not count.
    pub(crate) fn vouched(
        &mut self,
        node: NodeId,
        number: u8,
        now: Duration,
        timing: &Timing,
    ) -> bool {
        let current = self
            .watched
            .get(&node)
            .is_some_and(|watched| watched.asked > 0 && watched.number == number);
        current && self.heard(node, now, timing)
    }

    pub(crate) fn doubts(&self, node: NodeId) -> bool {
        self.watched
            .get(&node)
            .is_some_and(|watched| watched.stage >= Stage::Doubted)
    }

    pub(crate) fn watches(&self, node: NodeId) -> bool {
        self.watched.contains_key(&node)
    }

    pub(crate) fn wants_guests(&self) -> bool {
        self.watched
            .values()
            .filter(|watched| watched.guest)
            .count()
            < GUESTS
    }

    pub(crate) fn invite(&mut self, node: NodeId, now: Duration) {
        self.add(node, now, now, true);
    }

    /// The ring has changed: `active` says of a guest whether it still takes part.
    pub(crate) fn set_neighbours(
        &mut self,
        neighbours: &[NodeId],
        active: impl Fn(NodeId) -> bool,
        now: Duration,
        timing: &Timing,
    ) {
        self.watched.retain(|node, watched| {
            // A former neighbour that is in doubt stays until that is settled.
            watched.guest |= !neighbours.contains(node);
            neighbours.contains(node) || (active(*node) && watched.asked > 0)
        });
        for node in neighbours {
            match self.watched.get_mut(node) {
                Some(watched) => watched.guest = false,
                None => self.add(*node, now, now + self.wait(*node, timing), false),
            }
        }
    }

    /// Time in which this node stood still is nobody's silence.
    pub(crate) fn forgive(&mut self, asleep: Duration, now: Duration) {
        for watched in self.watched.values_mut() {
            watched.heard = now.min(watched.heard + asleep);
        }
    }

    /// All clocks begin anew: this node was deaf, and what it did not hear says nothing.
    pub(crate) fn restart(&mut self, now: Duration) {
        for watched in self.watched.values_mut() {
            watched.heard = now;
            watched.stage = Stage::Fine;
            watched.asked = 0;
            watched.next = now;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.watched.clear();
    }

    pub(crate) fn next(&self) -> Option<Duration> {
        self.watched.values().map(|watched| watched.next).min()
    }

    /// What is due. The timing is this node's own: stretched while it is slow.
    pub(crate) fn due(&mut self, now: Duration, timing: &Timing) -> Vec<Step> {
        let mut steps = Vec::new();
        for (node, watched) in &mut self.watched {
            if watched.next > now {
                continue;
            }
            if watched.asked == 0 {
                self.number = self.number.wrapping_add(1);
                watched.number = self.number;
            }
            watched.asked += 1;
            watched.advance(*node, now, timing, &mut steps);
        }
        steps
    }

    fn add(&mut self, node: NodeId, now: Duration, next: Duration, guest: bool) {
        let watched = Watched {
            heard: now,
            next,
            stage: Stage::Fine,
            asked: 0,
            number: 0,
            guest,
        };
        self.watched.entry(node).or_insert(watched);
    }

    /// Of each pair the lower id asks; the other one only if it does not.
    fn wait(&self, node: NodeId, timing: &Timing) -> Duration {
        if self.own < node {
            timing.probe_period
        } else {
            timing.second_asker
        }
    }
}

impl Watched {
    fn advance(&mut self, node: NodeId, now: Duration, timing: &Timing, steps: &mut Vec<Step>) {
        let silence = now.saturating_sub(self.heard);
        let stages = [
            (Stage::Doubted, timing.doubt_after, Step::Doubt(node)),
            (Stage::Suspected, timing.suspect_after, Step::Suspect(node)),
        ];
        for (stage, after, step) in stages {
            if self.stage < stage && silence >= after {
                self.stage = stage;
                steps.push(step);
            }
        }
        // After the suspicion is told: its ping then carries it, so that it can refute.
        steps.push(Step::Ping(node, self.number));
        if silence >= timing.indirect_after && self.asked.is_multiple_of(3) {
            steps.push(Step::PingThrough(node, self.number));
        }
        if silence >= timing.down_after {
            self.stage = Stage::Lost;
            self.next = now + timing.probe_period;
            steps.push(Step::Lost(node));
            return;
        }
        // A threshold between two pings is met exactly.
        self.next = [timing.doubt_after, timing.suspect_after, timing.down_after]
            .into_iter()
            .map(|after| self.heard + after)
            .filter(|at| *at > now)
            .fold(now + timing.retry, Duration::min);
    }
}

#[cfg(test)]
mod tests;
