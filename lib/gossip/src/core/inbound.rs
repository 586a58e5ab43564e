//! A datagram comes in.

use std::time::Duration;

use bytes::Buf;
use foca::{Codec, Header, Message};
use hm_model::NodeId;

use super::Core;
use crate::codec::{self, WireCodec};
use crate::identity::Identity;
use crate::members::MemberState;
use crate::options::MAX_GENERATION;
use crate::statistics::Drop;

impl Core {
    /// Whatever the bytes are: what is not from a member with our key is counted and dropped.
    pub fn handle_datagram(&mut self, datagram: &[u8], now: Duration) {
        self.wake(now);
        self.statistics.count_in(datagram.len());
        if self.left {
            return;
        }
        if let Err(why) = self.receive(datagram, now) {
            self.statistics.count_drop(why);
        }
    }

    fn receive(&mut self, datagram: &[u8], now: Duration) -> Result<(), Drop> {
        let (mut message, stamp) = self.seal.open(datagram)?;
        codec::adopt(&mut message, &self.own);
        let mut rest = message.as_slice();
        let header = WireCodec
            .decode_header(&mut rest)
            .map_err(|_| Drop::Malformed)?;
        let source = header.src;
        if header.dst.node != self.own.node || source.node == self.own.node {
            return Err(Drop::Foreign);
        }
        let known = self.known_generation(source.node);
        let admitted = self.replay.admit(source.node, source.generation, stamp);
        if admitted == Err(Drop::Stale) || known.is_some_and(|known| known > source.generation) {
            self.tell_newer_generation(&source, known.unwrap_or(source.generation));
            return Err(Drop::Stale);
        }
        admitted?;
        if header.message == Message::TurnUndead && header.dst.generation > self.own.generation {
            self.outlive(header.dst.generation, &source, now);
            return Ok(());
        }
        let news = self.has_news(&header, rest);
        self.note_life(&header, now);
        let handled = self.foca.handle_data(&message, &mut self.effects);
        let told_down = self.effects.renewed.is_some();
        self.settle(news, now);
        if told_down {
            // It knows us as down: this makes it know our new generation at once.
            self.ask_to_join(source.address, now);
        }
        handled.map_err(|_| Drop::Malformed)
    }

    /// Whoever sends is alive, whatever it says.
    fn note_life(&mut self, header: &Header<Identity>, now: Duration) {
        if self.is_gone(&header.src) {
            return;
        }
        self.note_sound(header.src.node, now);
        let mut relieved = self.watch.heard(header.src.node, now, &self.timing);
        if let Message::ForwardedAck {
            origin,
            probe_number,
        } = header.message
            && self.known_generation(origin.node) == Some(origin.generation)
        {
            relieved |= self
                .watch
                .vouched(origin.node, probe_number, now, &self.timing);
        }
        if relieved {
            self.refresh(now);
        }
    }

    /// We can hear. If we could not for a while, nobody's silence in that time counts.
    fn note_sound(&mut self, node: NodeId, now: Duration) {
        if self.is_deaf_to_all(now) {
            self.watch.restart(now);
        }
        if self.heard[0].0 != node {
            self.heard[1] = self.heard[0];
        }
        self.heard[0] = (node, now);
        if self.cut_off {
            self.cut_off = false;
            self.watch.restart(now);
            self.refresh(now);
        }
    }

    /// Down or left, in the very run that speaks.
    fn is_gone(&self, source: &Identity) -> bool {
        !self.active.contains(&source.node)
            && self.known_generation(source.node) == Some(source.generation)
    }

    fn known_generation(&self, node: NodeId) -> Option<u64> {
        self.members.get(node).map(|member| member.generation)
    }

    /// Whether anything in there differs from what is known: looking at all members each time would be a waste.
    fn has_news(&self, header: &Header<Identity>, mut rest: &[u8]) -> bool {
        let differs = |identity: &Identity, incarnation: u16| {
            self.members.get(identity.node).is_none_or(|member| {
                member.generation != identity.generation || member.incarnation != incarnation
            })
        };
        if differs(&header.src, header.src_incarnation) {
            return true;
        }
        if rest.len() < 2 {
            return false;
        }
        let count = rest.get_u16();
        (0..count).any(|_| {
            WireCodec.decode_member(&mut rest).is_ok_and(|update| {
                let known = self.foca_state(update.id().node);
                differs(update.id(), update.incarnation()) || known != Some(update.state())
            })
        })
    }

    /// What foca holds of a member, seen through the view.
    fn foca_state(&self, node: NodeId) -> Option<foca::State> {
        let member = self.members.get(node)?;
        Some(if self.suspected.contains(&node) {
            foca::State::Suspect
        } else if self.active.contains(&node) || member.state == MemberState::Alive {
            foca::State::Alive
        } else {
            foca::State::Down
        })
    }

    /// Somebody knows a later generation of us, from before our clock went backwards: go beyond it.
    fn outlive(&mut self, generation: u64, teller: &Identity, now: Duration) {
        if generation >= MAX_GENERATION {
            return;
        }
        let identity = Identity {
            generation: generation + 1,
            ..self.own
        };
        // Fails only if the identity stayed the same.
        let _ = self.foca.change_identity(identity, &mut self.effects);
        self.effects.renewed = Some(identity);
        self.settle(false, now);
        self.ask_to_join(teller.address, now);
    }
}
