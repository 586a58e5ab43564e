//! What nodes say to each other: methods, messages, and their CBOR form.
//!
//! Raft's own messages are in `lib/raft`. Who sent a message is proven by the transport; a body never says it.

pub mod agent;
pub mod server;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A message that is not one of ours.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the message cannot be read: {reason}")]
pub struct Unreadable {
    reason: String,
}

pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(message, &mut bytes).expect("writing CBOR to memory does not fail");
    bytes
}

/// Reads the one message that these bytes are.
pub fn decode<T: DeserializeOwned>(mut bytes: &[u8]) -> Result<T, Unreadable> {
    let message = ciborium::from_reader(&mut bytes).map_err(|error| Unreadable {
        reason: error.to_string(),
    })?;
    if bytes.is_empty() {
        Ok(message)
    } else {
        Err(Unreadable {
            reason: format!("{} bytes follow its end", bytes.len()),
        })
    }
}
