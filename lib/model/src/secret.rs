//! Secrets: values that only their ciphertext is kept of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Blob, ConfigKey, Generation, Labels, ObjectKey, Timestamp};

/// A secret as the state holds it. The data key is known to servers only.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Secret {
    pub key: ObjectKey,
    #[serde(default)]
    pub generation: Generation,
    #[serde(default)]
    pub labels: Labels,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub entries: BTreeMap<ConfigKey, Ciphertext>,
    #[serde(default)]
    pub created_at: Timestamp,
    #[serde(default)]
    pub updated_at: Timestamp,
}

/// One encrypted value, and which data key it needs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Ciphertext {
    pub data_key: u32,
    pub nonce: Blob,
    pub sealed: Blob,
}
