//! Encryption of every datagram with the cluster's gossip keys.
//!
//! `version 1, source node 8, source generation 6, salt 4, counter 6, ciphertext, tag 16`. Everything between version and
//! ciphertext is the nonce (XChaCha20-Poly1305, so 24 bytes fit): a run of a node never counts the same number twice, and
//! should a clock repeat a generation, the salt of the process differs. So no two datagrams share a nonce, whatever the
//! number of nodes under one key. What the nonce shows to a listener, it could tell from the addresses anyway.

use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};

use crate::codec::SOURCE;
use crate::statistics::Drop;

const VERSION: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 16;
/// What sealing adds to a message: version, salt, counter and tag.
pub(crate) const OVERHEAD: usize = 1 + NONCE + TAG - SOURCE;

/// The cluster's gossip keys: datagrams leave under the primary one, and any of them opens what comes in.
///
/// To change keys, first accept the new one everywhere, then make it primary everywhere, then accept the old one no more.
#[derive(Clone)]
pub struct KeyRing {
    /// The first is the primary one.
    ciphers: Vec<XChaCha20Poly1305>,
}

impl KeyRing {
    pub fn new(primary: [u8; 32], also_accepted: impl IntoIterator<Item = [u8; 32]>) -> Self {
        let keys = std::iter::once(primary).chain(also_accepted);
        Self {
            ciphers: keys
                .map(|key| XChaCha20Poly1305::new(&key.into()))
                .collect(),
        }
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing")
            .field("keys", &self.ciphers.len())
            .finish_non_exhaustive()
    }
}

/// What distinguishes one datagram of a source from all others.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Stamp {
    pub(crate) salt: u32,
    /// 48 bits: at a thousand datagrams a second, enough for 8,900 years.
    pub(crate) counter: u64,
}

#[derive(Debug)]
pub(crate) struct Seal {
    keys: KeyRing,
    next: Stamp,
}

impl Seal {
    pub(crate) fn new(keys: KeyRing, salt: u32) -> Self {
        Self {
            keys,
            next: Stamp { salt, counter: 0 },
        }
    }

    pub(crate) fn set_keys(&mut self, keys: KeyRing) {
        self.keys = keys;
    }

    /// `message` begins with its source, as the codec writes it. `None` if it is shorter than that.
    pub(crate) fn close(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        let (source, body) = message.split_at_checked(SOURCE)?;
        let mut datagram = Vec::with_capacity(message.len() + OVERHEAD);
        datagram.push(VERSION);
        datagram.extend_from_slice(source);
        datagram.extend_from_slice(&self.next.salt.to_le_bytes());
        datagram.extend_from_slice(&self.next.counter.to_le_bytes()[..6]);
        datagram.extend_from_slice(body);
        self.next.counter += 1;
        let (clear, body) = datagram.split_at_mut(1 + NONCE);
        let cipher = self.keys.ciphers.first()?;
        let tag = cipher
            .encrypt_in_place_detached(XNonce::from_slice(&clear[1..]), &clear[..1], body)
            .ok()?;
        datagram.extend_from_slice(&tag);
        Some(datagram)
    }

    /// The message, source included, and its stamp.
    pub(crate) fn open(&self, datagram: &[u8]) -> Result<(Vec<u8>, Stamp), Drop> {
        let (version, rest) = datagram.split_at_checked(1).ok_or(Drop::Malformed)?;
        if version != [VERSION] {
            return Err(Drop::Version);
        }
        let (nonce, rest) = rest.split_at_checked(NONCE).ok_or(Drop::Malformed)?;
        let (body, tag) = rest
            .len()
            .checked_sub(TAG)
            .map(|at| rest.split_at(at))
            .ok_or(Drop::Malformed)?;
        let mut message = Vec::with_capacity(SOURCE + body.len());
        for cipher in &self.keys.ciphers {
            message.clear();
            message.extend_from_slice(&nonce[..SOURCE]);
            message.extend_from_slice(body);
            let opened = cipher.decrypt_in_place_detached(
                XNonce::from_slice(nonce),
                version,
                &mut message[SOURCE..],
                Tag::from_slice(tag),
            );
            if opened.is_ok() {
                return Ok((message, stamp(&nonce[SOURCE..])));
            }
        }
        Err(Drop::Key)
    }
}

fn stamp(bytes: &[u8]) -> Stamp {
    let number = |bytes: &[u8]| {
        let mut whole = [0; 8];
        whole[..bytes.len()].copy_from_slice(bytes);
        u64::from_le_bytes(whole)
    };
    Stamp {
        salt: number(&bytes[..4]) as u32,
        counter: number(&bytes[4..]),
    }
}

#[cfg(test)]
mod tests;
