//! The fingerprint of a CA: what a join token carries so that a stranger knows the right cluster.

use std::fmt;
use std::str::FromStr;

use rustls_pki_types::CertificateDer;
use subtle::ConstantTimeEq;

use crate::base32;

const LENGTH: usize = 32;

/// SHA-256 of the whole certificate, the number that `openssl x509 -fingerprint -sha256` prints too.
#[derive(Clone, Copy, Eq, PartialEq, Ord, PartialOrd)]
pub struct Fingerprint([u8; LENGTH]);

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a CA fingerprint has {expected} characters of 0-9 and a-z, not this", expected = base32::encoded_len(LENGTH))]
pub struct ParseFingerprintError;

impl Fingerprint {
    pub fn of(certificate: &CertificateDer<'_>) -> Self {
        Self(sha256(&[certificate]))
    }

    pub const fn from_bytes(bytes: [u8; LENGTH]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    pub fn matches(&self, certificate: &CertificateDer<'_>) -> bool {
        Self::of(certificate).0.ct_eq(&self.0).into()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&base32::encode(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = ParseFingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; LENGTH];
        base32::decode(text, &mut bytes).ok_or(ParseFingerprintError)?;
        Ok(Self(bytes))
    }
}

pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; LENGTH] {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut bytes = [0; LENGTH];
    bytes.copy_from_slice(context.finish().as_ref());
    bytes
}
