//! Quotas: how much a namespace, or the whole cluster, may reserve.

use serde::{Deserialize, Serialize};

use crate::{Bytes, Cpu, Generation, Namespace, SpecProblem};

/// The quota of a namespace, or of the cluster if it names none.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Quota {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    pub generation: Generation,
    pub limits: QuotaLimits,
}

/// The bounds of a quota; what is not given is not bounded.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct QuotaLimits {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Cpu>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Bytes>,
    /// Refused until storage is accounted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<Bytes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
}

impl QuotaLimits {
    /// Every reason to refuse them.
    pub fn problems(&self) -> Vec<SpecProblem> {
        let storage = self.storage.map(|_| SpecProblem::NotBuilt {
            field: "storage".to_owned(),
            what: "storage quotas",
            instead: "leave it out",
        });
        storage.into_iter().collect()
    }
}
