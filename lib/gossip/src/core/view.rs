//! The list of members that others see: foca's, with what this node has noticed by itself laid over it.
//!
//! foca tells of a suspicion only through `iter_membership_state`; its unstable notifications tell of failed probes of its
//! own prober, not of what others suspect. So after each message with something new in it the two lists are compared, for
//! those members that the message speaks of.

use std::time::Duration;

use foca::State;
use hm_model::NodeId;

use super::{Core, Output};
use crate::codec::LEFT;
use crate::identity::Identity;
use crate::members::{Member, MemberState};
use crate::watch::EACH_SIDE;

/// Which members may have changed. foca keeps them in a plain list, so one walk serves any number of them.
#[derive(Debug)]
pub(super) enum Touched {
    /// Sorted.
    These(Vec<NodeId>),
    All,
}

impl Touched {
    pub(super) fn nobody() -> Self {
        Self::These(Vec::new())
    }

    pub(super) fn these(mut nodes: Vec<NodeId>) -> Self {
        nodes.sort_unstable();
        Self::These(nodes)
    }

    fn is_nobody(&self) -> bool {
        matches!(self, Self::These(nodes) if nodes.is_empty())
    }

    fn contains(&self, node: NodeId) -> bool {
        match self {
            Self::These(nodes) => nodes.binary_search(&node).is_ok(),
            Self::All => true,
        }
    }
}

impl Core {
    /// Brings the view up to date and reports what changed.
    pub(super) fn refresh(&mut self, touched: &Touched, now: Duration) {
        if touched.is_nobody() {
            return;
        }
        let was_alone = self.active.is_empty();
        let mut ring_changed = false;
        let mut changed = Vec::new();
        for member in self.foca.iter_membership_state() {
            let node = member.id().node;
            // foca keeps our own former generations.
            if node == self.own.node || !touched.contains(node) {
                continue;
            }
            ring_changed |= if member.state() == State::Down {
                self.active.remove(&node)
            } else {
                self.active.insert(node)
            };
            if member.state() == State::Suspect {
                self.suspected.insert(node);
            } else {
                self.suspected.remove(&node);
            }
            if self.differs(member) {
                changed.push(member.clone());
            }
        }
        for member in &changed {
            self.change(member, now);
        }
        if ring_changed {
            self.follow_active(was_alone, now);
        }
    }

    fn state_from_here(&self, member: &foca::Member<Identity>) -> MemberState {
        match member.state() {
            State::Down if member.incarnation() == LEFT => MemberState::Left,
            State::Down => MemberState::Down,
            State::Alive | State::Suspect if self.cut_off => MemberState::Down,
            State::Suspect => MemberState::Suspect,
            State::Alive if self.watch.doubts(member.id().node) => MemberState::Suspect,
            State::Alive => MemberState::Alive,
        }
    }

    fn differs(&self, member: &foca::Member<Identity>) -> bool {
        let state = self.state_from_here(member);
        self.members.get(member.id().node).is_none_or(|known| {
            known.state != state
                || known.generation != member.id().generation
                || known.incarnation != member.incarnation()
        })
    }

    fn change(&mut self, member: &foca::Member<Identity>, now: Duration) {
        let identity = member.id();
        let known = self.members.get(identity.node);
        let same_run = known.filter(|known| known.generation == identity.generation);
        // It has refuted a suspicion, or is newly started: others have heard it not long ago.
        let alive = member.state() == State::Alive
            && same_run.is_none_or(|known| known.incarnation < member.incarnation());
        if alive {
            self.watch.heard(identity.node, now, &self.timing);
        }
        let state = self.state_from_here(member);
        let since = same_run
            .filter(|known| known.state == state)
            .map_or(now, |known| known.since);
        let newcomer = same_run.is_none() && state == MemberState::Alive;
        let quiet = same_run.is_some_and(|known| known.state == state);
        let new = Member {
            node: identity.node,
            address: identity.address,
            generation: identity.generation,
            incarnation: member.incarnation(),
            state,
            since,
        };
        self.members.put(new.clone());
        if newcomer && self.active.len() > 2 * EACH_SIDE {
            // The next guest: what a newcomer was not told by others, it learns when everyone has asked it once.
            self.round.push(identity.node);
        }
        if member.state() == State::Down {
            self.plan_rejoin(now);
        }
        if !quiet {
            self.outputs.push_back(Output::MemberChanged(new));
        }
    }

    /// The set of those who take part has changed: the ring, the timing and the plans follow.
    fn follow_active(&mut self, was_alone: bool, now: Duration) {
        self.resize();
        let neighbours = self.neighbours();
        let active = &self.active;
        self.watch.set_neighbours(
            &neighbours,
            |node| active.contains(&node),
            now,
            &self.timing,
        );
        self.plan_guest(now);
        if self.active.is_empty() {
            self.stop_sync();
            self.plan_rejoin(now);
        } else if was_alone {
            self.heard[0].1 = now;
            self.plan_sync(now);
        }
    }

    /// Two on each side of us on the ring of ids; everyone, in a small cluster.
    fn neighbours(&self) -> Vec<NodeId> {
        let own = self.own.node;
        let after = self.active.range(own..).chain(self.active.range(..own));
        let before = self
            .active
            .range(..own)
            .rev()
            .chain(self.active.range(own..).rev());
        let mut neighbours: Vec<NodeId> = after
            .take(EACH_SIDE)
            .chain(before.take(EACH_SIDE))
            .copied()
            .collect();
        neighbours.sort_unstable();
        neighbours.dedup();
        neighbours
    }
}
