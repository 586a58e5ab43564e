//! Revisions: immutable versions of an app's spec.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Actor, AppSpec, Name, ObjectKey, PinnedImage, RevisionNumber, Timestamp};

/// One version of an app's spec, with the image of every container pinned.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Revision {
    pub app: ObjectKey,
    pub number: RevisionNumber,
    pub spec: AppSpec,
    /// By the name of the container.
    #[serde(default)]
    pub images: BTreeMap<Name, PinnedImage>,
    #[serde(default)]
    pub created_at: Timestamp,
    #[serde(default)]
    pub created_by: Actor,
}

impl Revision {
    /// The first container that has no pinned image: a revision that is fit to run has none.
    pub fn unpinned(&self) -> Option<&Name> {
        self.spec
            .containers
            .iter()
            .map(|container| &container.name)
            .find(|name| !self.images.contains_key(*name))
    }
}
