//! What goes out: foca's messages, and those we write ourselves in its format.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::BufMut;
use foca::{Codec, Header, Member, Message, State};
use hm_model::NodeId;
use rand::seq::IteratorRandom;

use super::view::Touched;
use super::{Core, MAX_DATAGRAM, Output};
use crate::codec::{LEFT, WireCodec};
use crate::identity::Identity;

/// The farewell goes to this many members, each time it is repeated.
const FAREWELLS: usize = 8;
/// Where the incarnation of the sender stands in a message.
const INCARNATION: std::ops::Range<usize> = 28..30;

impl Core {
    /// Takes over whatever foca did in a call: sends, our new identity, changes among the members.
    pub(super) fn settle(&mut self, news: &Touched, now: Duration) {
        let mut sends = std::mem::take(&mut self.effects.sends);
        for (to, message) in sends.drain(..) {
            // foca does not tell its incarnation, but writes it into each message.
            if let Some([low, high]) = message.get(INCARNATION) {
                self.incarnation = u16::from_le_bytes([*low, *high]);
            }
            self.send(to.address, &message);
        }
        self.effects.sends = sends;
        if let Some(own) = self.effects.renewed.take() {
            self.own = own;
            self.incarnation = 0;
            let member = self.members.own_mut();
            member.generation = own.generation;
            member.since = now;
            self.outputs
                .push_back(Output::MemberChanged(member.clone()));
        }
        self.members.own_mut().incarnation = self.incarnation;
        for (gone, after) in self.effects.forget.drain(..) {
            self.timers
                .forget
                .insert((now + after, gone.node, gone.generation));
        }
        self.refresh(news, now);
        self.plan_news(now);
    }

    pub(super) fn ping(&mut self, node: NodeId, number: u8) {
        let Some(identity) = self.identity(node) else {
            return;
        };
        // So that it can refute, even if nobody else tells it.
        let suspicion = self
            .suspected
            .contains(&node)
            .then(|| Member::new(identity, self.known_incarnation(node), State::Suspect));
        self.write(identity, Message::Ping(number), suspicion.as_ref());
    }

    pub(super) fn ping_through_others(&mut self, node: NodeId, number: u8) {
        let Some(target) = self.identity(node) else {
            return;
        };
        let candidates = self
            .active
            .iter()
            .filter(|helper| **helper != node && !self.watch.doubts(**helper));
        let helpers: Vec<NodeId> = candidates
            .copied()
            .sample(&mut self.rng, self.timing.fanout);
        for helper in helpers {
            if let Some(helper) = self.identity(helper) {
                let message = Message::PingReq {
                    target,
                    probe_number: number,
                };
                self.write(helper, message, None);
            }
        }
    }

    /// Tells a member that it counts as down: if it can hear, it comes back with a new generation.
    pub(super) fn tell_down(&mut self, identity: Identity) {
        self.write(identity, Message::TurnUndead, None);
    }

    /// Answers an old run: the addressee is the newer one, so a node whose clock went backwards learns what to go beyond.
    pub(super) fn tell_newer_generation(&mut self, source: &Identity, generation: u64) {
        let newer = Identity {
            generation,
            ..*source
        };
        self.write(newer, Message::TurnUndead, None);
    }

    pub(super) fn ask_to_join(&mut self, address: SocketAddr, now: Duration) {
        // Fails only if the message does not fit, which it does.
        let _ = self
            .foca
            .announce(Identity::anyone(address), &mut self.effects);
        self.settle(&Touched::nobody(), now);
    }

    pub(super) fn say_farewell(&mut self, now: Duration) {
        let farewell = Member::new(self.own, LEFT, State::Down);
        let listeners: Vec<NodeId> = self.active.iter().copied().sample(&mut self.rng, FAREWELLS);
        for node in listeners {
            if let Some(identity) = self.identity(node) {
                self.write(identity, Message::Gossip, Some(&farewell));
            }
        }
        self.timers.plan_farewell(now + self.timing.news_every / 2);
    }

    /// foca's view of who a member is. The address is the one it gave itself.
    pub(super) fn identity(&self, node: NodeId) -> Option<Identity> {
        let member = self.members.get(node)?;
        Some(Identity {
            node,
            generation: member.generation,
            address: member.address,
        })
    }

    pub(super) fn known_incarnation(&self, node: NodeId) -> u16 {
        self.members
            .get(node)
            .map_or(0, |member| member.incarnation)
    }

    /// A message of our own. foca's format allows at most one update to be put in by hand, and one is all we need.
    fn write(
        &mut self,
        to: Identity,
        message: Message<Identity>,
        update: Option<&Member<Identity>>,
    ) {
        let header = Header {
            src: self.own,
            src_incarnation: self.incarnation,
            dst: to,
            message,
        };
        let mut bytes = Vec::with_capacity(128);
        let mut fits = WireCodec.encode_header(&header, &mut bytes);
        if let Some(update) = update {
            bytes.put_u16(1);
            fits = fits.and_then(|()| WireCodec.encode_member(update, &mut bytes));
        }
        if fits.is_ok() {
            self.send(to.address, &bytes);
        }
    }

    fn send(&mut self, to: SocketAddr, message: &[u8]) {
        if let Some(datagram) = self.seal.close(message) {
            debug_assert!(datagram.len() <= MAX_DATAGRAM);
            self.statistics.count_out(datagram.len());
            self.outputs.push_back(Output::Send { to, datagram });
        }
    }
}
