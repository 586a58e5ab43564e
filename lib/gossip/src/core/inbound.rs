//! A datagram comes in.

use std::time::Duration;

use bytes::{Buf, BufMut};
use foca::{Codec, Header, Member, Message, State};
use hm_model::NodeId;

use super::Core;
use super::view::Touched;
use crate::codec::{self, WireCodec};
use crate::identity::Identity;
use crate::members::{self, MemberState};
use crate::options::MAX_GENERATION;
use crate::statistics::Drop;

/// What a message says that was not known.
struct News {
    about: Vec<NodeId>,
    sifted: Vec<u8>,
}

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
        let news = self.sift(&header, &message, rest)?;
        self.note_life(&header, now);
        let handled = self.foca.handle_data(&news.sifted, &mut self.effects);
        let told_down = self.effects.renewed.is_some();
        self.settle(&Touched::these(news.about), now);
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
        let mut relieved = Vec::new();
        if self.watch.heard(header.src.node, now, &self.timing) {
            relieved.push(header.src.node);
        }
        if let Message::ForwardedAck {
            origin,
            probe_number,
        } = header.message
            && self.known_generation(origin.node) == Some(origin.generation)
            && self
                .watch
                .vouched(origin.node, probe_number, now, &self.timing)
        {
            relieved.push(origin.node);
        }
        self.refresh(&Touched::these(relieved), now);
    }

    /// We can hear. If we could not for a while, nobody's silence in that time counts.
    fn note_sound(&mut self, node: NodeId, now: Duration) {
        if self.cut_off || self.is_deaf_to_all(now) {
            self.cut_off = false;
            self.watch.restart(now);
            self.refresh(&Touched::All, now);
        }
        if self.heard[0].0 != node {
            self.heard[1] = self.heard[0];
        }
        self.heard[0] = (node, now);
    }

    /// Down or left, in the very run that speaks.
    fn is_gone(&self, source: &Identity) -> bool {
        !self.active.contains(&source.node)
            && self.known_generation(source.node) == Some(source.generation)
    }

    fn known_generation(&self, node: NodeId) -> Option<u64> {
        self.members.get(node).map(|member| member.generation)
    }

    /// Drops from a message what is known already: nearly all of it, most of the time, and foca would search its list for
    /// each piece. Also says whom the rest is about.
    fn sift(
        &self,
        header: &Header<Identity>,
        message: &[u8],
        mut rest: &[u8],
    ) -> Result<News, Drop> {
        let mut about = Vec::new();
        if self.differs_from_known(&header.src, header.src_incarnation) {
            about.push(header.src.node);
        }
        let mut sifted = message[..message.len() - rest.len()].to_vec();
        if rest.is_empty() {
            return Ok(News { about, sifted });
        }
        let counted = rest.try_get_u16().map_err(|_| Drop::Malformed)?;
        let count_at = sifted.len();
        sifted.put_u16(0);
        let mut kept = 0;
        for _ in 0..counted {
            let before = rest;
            let update = WireCodec
                .decode_member(&mut rest)
                .map_err(|_| Drop::Malformed)?;
            if self.is_news(&update) {
                about.push(update.id().node);
                sifted.extend_from_slice(&before[..before.len() - rest.len()]);
                kept += 1;
            }
        }
        if !rest.is_empty() {
            return Err(Drop::Malformed);
        }
        sifted[count_at..count_at + 2].copy_from_slice(&u16::to_be_bytes(kept));
        Ok(News { about, sifted })
    }

    fn differs_from_known(&self, identity: &Identity, incarnation: u16) -> bool {
        self.members.get(identity.node).is_none_or(|member| {
            member.generation != identity.generation || member.incarnation != incarnation
        })
    }

    fn is_news(&self, update: &Member<Identity>) -> bool {
        let identity = update.id();
        let Some(known) = self.members.get(identity.node) else {
            return true;
        };
        known.generation != identity.generation
            || known.incarnation != update.incarnation()
            || self.foca_state(known) != update.state()
    }

    /// What foca holds of a member: the view shows more than that.
    fn foca_state(&self, member: &members::Member) -> State {
        match member.state {
            MemberState::Alive => State::Alive,
            MemberState::Left => State::Down,
            MemberState::Suspect | MemberState::Down => {
                if self.suspected.contains(&member.node) {
                    State::Suspect
                } else if self.active.contains(&member.node) {
                    State::Alive
                } else {
                    State::Down
                }
            }
        }
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
        self.settle(&Touched::nobody(), now);
        self.ask_to_join(teller.address, now);
    }
}
