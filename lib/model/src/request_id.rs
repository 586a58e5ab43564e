//! The identity of one request: what makes a retry after a change of leader safe.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::base32;
use crate::parse_error::{Expected, ParseError, Reason};

/// 128 random bits, chosen by the client and kept over its retries. Text: 26 characters of base 32.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RequestId(u128);

const REQUEST_ID: Expected = Expected {
    what: "a request id",
    example: "1h5vq6z0c8w9n3k7x2m4t8s6r0",
};
const LENGTH: usize = 26;

impl RequestId {
    pub const fn from_u128(bits: u128) -> Self {
        Self(bits)
    }

    pub const fn as_u128(self) -> u128 {
        self.0
    }
}

impl FromStr for RequestId {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = || {
            REQUEST_ID.but(
                text,
                Reason::Rule("it must be 26 characters of 0-9 and a-z without i, l, o, u"),
            )
        };
        if text.len() != LENGTH {
            return Err(wrong());
        }
        base32::parse(text).map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&base32::fixed(self.0, LENGTH))
    }
}

impl Serialize for RequestId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(&self.0.to_be_bytes())
        }
    }
}

impl<'de> Deserialize<'de> for RequestId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(RequestIdVisitor)
        } else {
            deserializer.deserialize_bytes(RequestIdVisitor)
        }
    }
}

struct RequestIdVisitor;

impl de::Visitor<'_> for RequestIdVisitor {
    type Value = RequestId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request id of 128 bits")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<RequestId, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<RequestId, E> {
        let bytes =
            <[u8; 16]>::try_from(bytes).map_err(|_| E::invalid_length(bytes.len(), &self))?;
        Ok(RequestId(u128::from_be_bytes(bytes)))
    }
}
