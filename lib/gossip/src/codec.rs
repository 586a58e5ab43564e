//! The bytes inside a datagram: our own layout, so that a new version of foca does not change the wire.
//!
//! `source node 8, source generation 6, to node 8, to generation 6, incarnation 2, kind 1, source address, body`, then foca's
//! count of updates and the updates. Integers are little-endian (foca's count is not). The first 14 bytes never travel
//! here: they are part of the nonce (see `seal`). Any change of layout is a new version byte there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use bytes::{Buf, BufMut};
use foca::{Codec, Header, Incarnation, Member, Message, State};
use hm_model::NodeId;

use crate::identity::Identity;

/// Source node and generation.
pub(crate) const SOURCE: usize = 14;
const TO: std::ops::Range<usize> = SOURCE..SOURCE + 14;
/// On a `Down` this says: it left by itself. Refutations never get there, foca renews the identity before.
pub(crate) const LEFT: Incarnation = Incarnation::MAX;

const SIX: u8 = 0x80;

#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum WireError {
    #[error("the message ends too early")]
    Short,
    #[error("{0} is no kind of message")]
    Kind(u8),
    #[error("{0} is no state of a member")]
    State(u8),
    #[error("the datagram is full")]
    Full,
    #[error("this kind of message is never sent")]
    Unused,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WireCodec;

/// Makes a datagram for whoever listens here into one for `own`.
pub(crate) fn adopt(message: &mut [u8], own: &Identity) {
    if let Some(to) = message.get_mut(TO)
        && to == [0; 14]
    {
        to[..8].copy_from_slice(&own.node.as_u64().to_le_bytes());
        to[8..].copy_from_slice(&own.generation.to_le_bytes()[..6]);
    }
}

fn put_run(buf: &mut impl BufMut, identity: &Identity) {
    buf.put_u64_le(identity.node.as_u64());
    buf.put_uint_le(identity.generation, 6);
}

fn put_address(buf: &mut impl BufMut, address: SocketAddr) {
    match address.ip() {
        IpAddr::V4(ip) => buf.put_slice(&ip.octets()),
        IpAddr::V6(ip) => buf.put_slice(&ip.octets()),
    }
    buf.put_u16_le(address.port());
}

const fn six(address: SocketAddr) -> u8 {
    if address.is_ipv6() { SIX } else { 0 }
}

/// A run and its address, after a byte of which one bit tells the family.
fn put_identity(buf: &mut impl BufMut, tag: u8, identity: &Identity) {
    buf.put_u8(tag | six(identity.address));
    put_run(buf, identity);
    put_address(buf, identity.address);
}

fn need(buf: &impl Buf, bytes: usize) -> Result<(), WireError> {
    if buf.remaining() < bytes {
        Err(WireError::Short)
    } else {
        Ok(())
    }
}

fn get_run(buf: &mut impl Buf) -> Result<(NodeId, u64), WireError> {
    need(buf, 14)?;
    Ok((NodeId::from_u64(buf.get_u64_le()), buf.get_uint_le(6)))
}

fn get_address(buf: &mut impl Buf, tag: u8) -> Result<SocketAddr, WireError> {
    let ip = if tag & SIX == 0 {
        need(buf, 6)?;
        let mut octets = [0; 4];
        buf.copy_to_slice(&mut octets);
        IpAddr::V4(Ipv4Addr::from(octets))
    } else {
        need(buf, 18)?;
        let mut octets = [0; 16];
        buf.copy_to_slice(&mut octets);
        IpAddr::V6(Ipv6Addr::from(octets))
    };
    Ok(SocketAddr::new(ip, buf.get_u16_le()))
}

fn get_identity(buf: &mut impl Buf) -> Result<(u8, Identity), WireError> {
    need(buf, 1)?;
    let tag = buf.get_u8();
    let (node, generation) = get_run(buf)?;
    let address = get_address(buf, tag)?;
    let identity = Identity {
        node,
        generation,
        address,
    };
    Ok((tag & !SIX, identity))
}

/// Kind, number of the probe, and whom the indirect kinds speak of.
fn parts(message: &Message<Identity>) -> Result<(u8, Option<u8>, Option<&Identity>), WireError> {
    Ok(match message {
        Message::Ping(number) => (1, Some(*number), None),
        Message::Ack(number) => (2, Some(*number), None),
        Message::PingReq {
            target,
            probe_number,
        } => (3, Some(*probe_number), Some(target)),
        Message::IndirectPing {
            origin,
            probe_number,
        } => (4, Some(*probe_number), Some(origin)),
        Message::IndirectAck {
            target,
            probe_number,
        } => (5, Some(*probe_number), Some(target)),
        Message::ForwardedAck {
            origin,
            probe_number,
        } => (6, Some(*probe_number), Some(origin)),
        Message::Announce => (7, None, None),
        Message::Feed => (8, None, None),
        Message::Gossip => (9, None, None),
        Message::TurnUndead => (10, None, None),
        Message::Broadcast => return Err(WireError::Unused),
    })
}

fn get_message(kind: u8, buf: &mut impl Buf) -> Result<Message<Identity>, WireError> {
    let mut number = || {
        need(buf, 1)?;
        Ok(buf.get_u8())
    };
    match kind {
        1 => return Ok(Message::Ping(number()?)),
        2 => return Ok(Message::Ack(number()?)),
        7 => return Ok(Message::Announce),
        8 => return Ok(Message::Feed),
        9 => return Ok(Message::Gossip),
        10 => return Ok(Message::TurnUndead),
        3..=6 => {}
        other => return Err(WireError::Kind(other)),
    }
    let probe_number = number()?;
    let (tag, about) = get_identity(buf)?;
    match (kind, tag) {
        (3, 0) => Ok(Message::PingReq {
            target: about,
            probe_number,
        }),
        (4, 0) => Ok(Message::IndirectPing {
            origin: about,
            probe_number,
        }),
        (5, 0) => Ok(Message::IndirectAck {
            target: about,
            probe_number,
        }),
        (6, 0) => Ok(Message::ForwardedAck {
            origin: about,
            probe_number,
        }),
        (_, tag) => Err(WireError::Kind(tag)),
    }
}

impl Codec<Identity> for WireCodec {
    type Error = WireError;

    fn encode_header(
        &mut self,
        header: &Header<Identity>,
        mut buf: impl BufMut,
    ) -> Result<(), WireError> {
        let (kind, number, about) = parts(&header.message)?;
        // The longest header: two addresses of 18 bytes.
        if buf.remaining_mut() < 31 + 18 + 1 + 15 + 18 {
            return Err(WireError::Full);
        }
        put_run(&mut buf, &header.src);
        put_run(&mut buf, &header.dst);
        buf.put_u16_le(header.src_incarnation);
        buf.put_u8(kind | six(header.src.address));
        put_address(&mut buf, header.src.address);
        if let Some(number) = number {
            buf.put_u8(number);
        }
        if let Some(about) = about {
            put_identity(&mut buf, 0, about);
        }
        Ok(())
    }

    fn decode_header(&mut self, mut buf: impl Buf) -> Result<Header<Identity>, WireError> {
        let (node, generation) = get_run(&mut buf)?;
        let (to, to_generation) = get_run(&mut buf)?;
        need(&buf, 3)?;
        let src_incarnation = buf.get_u16_le();
        let tag = buf.get_u8();
        let address = get_address(&mut buf, tag)?;
        let message = get_message(tag & !SIX, &mut buf)?;
        Ok(Header {
            src: Identity {
                node,
                generation,
                address,
            },
            src_incarnation,
            dst: Identity::addressee(to, to_generation),
            message,
        })
    }

    fn encode_member(
        &mut self,
        member: &Member<Identity>,
        mut buf: impl BufMut,
    ) -> Result<(), WireError> {
        if buf.remaining_mut() < 35 {
            return Err(WireError::Full);
        }
        let state = match member.state() {
            State::Alive => 1,
            State::Suspect => 2,
            State::Down if member.incarnation() == LEFT => 4,
            State::Down => 3,
        };
        put_identity(&mut buf, state, member.id());
        if state != 4 {
            buf.put_u16_le(member.incarnation());
        }
        Ok(())
    }

    fn decode_member(&mut self, mut buf: impl Buf) -> Result<Member<Identity>, WireError> {
        let (tag, identity) = get_identity(&mut buf)?;
        let state = match tag {
            1 => State::Alive,
            2 => State::Suspect,
            3 => State::Down,
            4 => return Ok(Member::new(identity, LEFT, State::Down)),
            other => return Err(WireError::State(other)),
        };
        need(&buf, 2)?;
        Ok(Member::new(identity, buf.get_u16_le(), state))
    }
}

#[cfg(test)]
mod tests;
