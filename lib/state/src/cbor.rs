//! CBOR in memory: one value, and nothing after it.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Appends a value.
pub(crate) fn append<T: Serialize>(value: &T, bytes: &mut Vec<u8>) {
    ciborium::into_writer(value, bytes).expect("writing CBOR to memory does not fail");
}

/// Reads the one value that these bytes are.
pub(crate) fn read<T: DeserializeOwned>(mut bytes: &[u8]) -> Result<T, Unreadable> {
    let value = ciborium::from_reader(&mut bytes)
        .map_err(|error| Unreadable::Malformed(error.to_string()))?;
    if bytes.is_empty() {
        Ok(value)
    } else {
        Err(Unreadable::Longer(bytes.len()))
    }
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Unreadable {
    Malformed(String),
    Longer(usize),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(reason) => f.write_str(reason),
            Self::Longer(bytes) => write!(f, "{bytes} bytes follow its end"),
        }
    }
}
