//! The answer to an entry: done, or refused with a reason that programs can tell apart. It is agreed on like the state itself.

use serde::{Deserialize, Serialize};

use crate::cbor;
use crate::object::Kind;

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    Done(Done),
    Refused(Refused),
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Done {
    /// The revision of the state that holds the change.
    #[serde(default)]
    pub revision: u64,
    /// The new generation of the object, when one object was changed.
    #[serde(default)]
    pub generation: Option<u64>,
}

/// Why an entry changed nothing.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    #[error("there is no {kind} `{name}`")]
    NotFound { kind: Kind, name: String },
    #[error("{kind} `{name}` exists already")]
    Exists { kind: Kind, name: String },
    #[error(
        "{kind} `{name}` was changed by someone else: you saw generation {expected}, it has {found}"
    )]
    GenerationMismatch {
        kind: Kind,
        name: String,
        expected: u64,
        found: u64,
    },
    #[error("{kind} `{name}` is in use: {by}")]
    InUse {
        kind: Kind,
        name: String,
        by: String,
    },
    #[error("{reason}")]
    Invalid { reason: String },
    #[error("the join token is not valid: {reason}")]
    Token { reason: String },
    #[error("a node may report only as itself")]
    NotYours,
    #[error("the cluster exists already")]
    ClusterExists,
    #[error("the cluster does not exist yet")]
    NoCluster,
}

impl Reply {
    pub fn into_result(self) -> Result<Done, Refused> {
        match self {
            Self::Done(done) => Ok(done),
            Self::Refused(refused) => Err(refused),
        }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        cbor::append(self, &mut bytes);
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, UnreadableReply> {
        cbor::read(bytes).map_err(|error| UnreadableReply {
            reason: error.to_string(),
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the answer to an entry cannot be read: {reason}")]
pub struct UnreadableReply {
    pub reason: String,
}
