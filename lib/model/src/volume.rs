//! Volumes: directories that outlive replicas.

use serde::{Deserialize, Serialize};

use crate::text::words;
use crate::{AbsolutePath, Bytes, Generation, Labels, NodeId, ObjectKey, SpecProblem, Timestamp};

/// A volume as the cluster knows it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Volume {
    pub key: ObjectKey,
    #[serde(default)]
    pub generation: Generation,
    pub spec: VolumeSpec,
    /// Where its content is, for a kind that lives on one node. Decided when it is first used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeId>,
    #[serde(default)]
    pub created_at: Timestamp,
}

/// What a user wants of a volume.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct VolumeSpec {
    pub kind: VolumeKind,
    /// A bound on its content. Refused until storage is accounted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Bytes>,
    /// The directory of the node, for the kind `host`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<AbsolutePath>,
    pub labels: Labels,
}

words! {
    /// Where a volume's content is.
    #[derive(Default, Hash)]
    pub enum VolumeKind("a kind of volume") {
        /// A directory that the node manages; pins what uses it to that node.
        #[default]
        Local = "local",
        /// A directory of the node that someone else manages.
        Host = "host" | "hostpath",
        /// A new directory for every replica, gone with it.
        Ephemeral = "ephemeral",
    }
}

impl VolumeSpec {
    /// Every reason to refuse it.
    pub fn problems(&self) -> Vec<SpecProblem> {
        let mut problems = Vec::new();
        if self.size.is_some() {
            let field = "size".to_owned();
            problems.push(SpecProblem::NotBuilt {
                field,
                what: "bounds on storage",
                instead: "leave it out",
            });
        }
        let reason = match (self.kind, &self.path) {
            (VolumeKind::Host, None) => Some("a volume of kind `host` needs one"),
            (VolumeKind::Local | VolumeKind::Ephemeral, Some(_)) => {
                Some("only a volume of kind `host` has one")
            }
            (VolumeKind::Host, Some(_)) | (VolumeKind::Local | VolumeKind::Ephemeral, None) => None,
        };
        problems.extend(reason.map(|reason| SpecProblem::Contradiction {
            field: "path",
            reason,
        }));
        problems
    }
}
