//! Who this node is: chosen at the first start, the same ever after.

use hm_model::{NodeId, NodeName};
use hm_tls::{Identity as Certified, Trust};
use serde::{Deserialize, Serialize};

use crate::error::DaemonError;
use crate::files::{self, Readers};
use crate::home::Home;

const FORMAT: u16 = 1;
const CA: &str = "ca.pem";
const CERTIFICATE: &str = "node.pem";
const KEY: &str = "node.key";

/// What `identity.json` holds. Written last: a directory without it belongs to no node yet.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Identity {
    format: u16,
    pub(crate) id: NodeId,
    pub(crate) name: NodeName,
}

impl Identity {
    pub(crate) fn new(id: NodeId, name: NodeName) -> Self {
        Self {
            format: FORMAT,
            id,
            name,
        }
    }

    pub(crate) fn load(home: &Home) -> Result<Option<Self>, DaemonError> {
        let path = home.identity();
        let Some(content) = files::read(&path)? else {
            return Ok(None);
        };
        let damaged = |error: serde_json::Error| DaemonError::Damaged {
            path: path.clone(),
            reason: error.to_string(),
        };
        let value: serde_json::Value = serde_json::from_slice(&content).map_err(damaged)?;
        let found = value
            .get("format")
            .and_then(serde_json::Value::as_u64)
            .and_then(|found| u16::try_from(found).ok());
        if let Some(found) = found.filter(|found| *found > FORMAT) {
            return Err(DaemonError::Newer {
                path,
                found,
                known: FORMAT,
            });
        }
        serde_json::from_value(value).map(Some).map_err(damaged)
    }

    pub(crate) fn save(&self, home: &Home) -> Result<(), DaemonError> {
        let mut text = serde_json::to_vec_pretty(self).expect("three plain fields are JSON");
        text.push(b'\n');
        files::replace(&home.identity(), &text, Readers::Owner)
    }
}

/// The node's certificate and key, and the CAs it trusts.
pub(crate) struct Papers {
    pub(crate) certified: Certified,
    pub(crate) trust: Trust,
}

impl Papers {
    pub(crate) fn load(home: &Home) -> Result<Self, DaemonError> {
        let read = |file: &str| -> Result<Vec<u8>, DaemonError> {
            let path = home.tls(file);
            files::read(&path)?.ok_or_else(|| DaemonError::Damaged {
                path,
                reason: "it is missing".to_owned(),
            })
        };
        let damaged = |file: &str, error: &dyn std::error::Error| DaemonError::Damaged {
            path: home.tls(file),
            reason: crate::error::chain(error),
        };
        let certified = Certified::from_pem(&read(CERTIFICATE)?, &read(KEY)?)
            .map_err(|error| damaged(CERTIFICATE, &error))?;
        let trust = Trust::from_pem(&read(CA)?).map_err(|error| damaged(CA, &error))?;
        Ok(Self { certified, trust })
    }

    pub(crate) fn save(&self, home: &Home) -> Result<(), DaemonError> {
        files::replace(
            &home.tls(KEY),
            self.certified.key().to_pem().as_bytes(),
            Readers::Owner,
        )?;
        files::replace(
            &home.tls(CERTIFICATE),
            self.certified.chain_to_pem().as_bytes(),
            Readers::Everyone,
        )?;
        files::replace(
            &home.tls(CA),
            self.trust.to_pem().as_bytes(),
            Readers::Everyone,
        )
    }
}
