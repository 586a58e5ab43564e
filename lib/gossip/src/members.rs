//! Who is in the cluster, as seen from here.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use hm_model::NodeId;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MemberState {
    Alive,
    /// Silent for longer than usual, here or as others say: it may still answer.
    Suspect,
    /// Silent for the whole bound. The same process cannot take that back, it returns with a new generation.
    Down,
    /// It said goodbye.
    Left,
}

impl MemberState {
    /// Takes part: it is asked, watched and gossiped to.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Alive | Self::Suspect)
    }
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Member {
    pub node: NodeId,
    pub address: SocketAddr,
    /// Which run of the node this is: higher after a restart or a return from `Down`.
    pub generation: u64,
    /// How often this run has refuted a suspicion.
    pub incarnation: u16,
    pub state: MemberState,
    /// When `state` or `generation` changed, on the clock handed to the core (the shell: since `Gossip::start`).
    pub since: Duration,
}

/// A consistent view of everyone, this node included.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Members {
    own: Member,
    others: BTreeMap<NodeId, Member>,
}

impl Members {
    pub(crate) fn new(own: Member) -> Self {
        Self {
            own,
            others: BTreeMap::new(),
        }
    }

    /// This node, which sees itself `Alive` until it leaves.
    pub fn own(&self) -> &Member {
        &self.own
    }

    /// Everyone else, in the order of their ids.
    pub fn others(&self) -> impl ExactSizeIterator<Item = &Member> {
        self.others.values()
    }

    /// Any member, this node included. Who was down for a day is forgotten.
    pub fn get(&self, node: NodeId) -> Option<&Member> {
        if node == self.own.node {
            Some(&self.own)
        } else {
            self.others.get(&node)
        }
    }

    pub(crate) fn own_mut(&mut self) -> &mut Member {
        &mut self.own
    }

    pub(crate) fn put(&mut self, member: Member) {
        self.others.insert(member.node, member);
    }

    pub(crate) fn remove(&mut self, node: NodeId) -> Option<Member> {
        self.others.remove(&node)
    }
}
