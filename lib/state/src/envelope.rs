//! What stands in the log around every entry: who asked, through which door, when, and under which id.

use hm_model::{Actor, RequestId, Timestamp, Via};
use serde::{Deserialize, Serialize};

use crate::cbor;
use crate::entry::Entry;

/// The newest form of the envelope this build writes; it reads all older ones.
pub const FORMAT: u16 = 1;

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Envelope {
    pub format: u16,
    /// Given for requests from outside, so that a retry after a lost answer is not done twice.
    #[serde(default)]
    pub request: Option<RequestId>,
    pub actor: Actor,
    #[serde(default)]
    pub via: Via,
    /// The leader's time. Entries never carry an earlier one than those before them.
    pub time: Timestamp,
    /// The change happens only if the object still has this generation.
    #[serde(default)]
    pub expected_generation: Option<u64>,
    pub entry: Entry,
}

#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    #[error(
        "the entry has format {found}, this build reads up to {FORMAT}: start a newer hivemind-daemon"
    )]
    Newer { found: u16 },
    #[error("the entry cannot be read: {reason}")]
    Unreadable { reason: String },
}

/// Read first, alone, so that a newer form is named as such and not as garbage.
#[derive(Deserialize)]
struct FormatOnly {
    format: u16,
}

impl Envelope {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        cbor::append(self, &mut bytes);
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        match cbor::read::<Self>(bytes) {
            Ok(envelope) if envelope.format <= FORMAT => Ok(envelope),
            Ok(envelope) => Err(EnvelopeError::Newer {
                found: envelope.format,
            }),
            Err(error) => match cbor::read::<FormatOnly>(bytes) {
                Ok(FormatOnly { format }) if format > FORMAT => {
                    Err(EnvelopeError::Newer { found: format })
                }
                _ => Err(EnvelopeError::Unreadable {
                    reason: error.to_string(),
                }),
            },
        }
    }
}
