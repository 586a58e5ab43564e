//! Containers: the processes of a replica.

mod problems;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::text::words;
use crate::{
    AbsolutePath, EnvName, ImageReference, Mount, Name, Probes, Resources, StopSignal, Value,
};

/// One container of an app or job. Only its name and its image have no default.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Container {
    pub name: Name,
    pub image: ImageReference,
    #[serde(default)]
    pub kind: ContainerKind,
    /// Replaces the image's entry point.
    #[serde(default)]
    pub command: Vec<String>,
    /// Replaces the image's arguments.
    #[serde(default)]
    pub args: Vec<String>,
    #[serde(default)]
    pub environment: BTreeMap<EnvName, Value>,
    /// Files that are put into the container, by path.
    #[serde(default)]
    pub files: BTreeMap<AbsolutePath, Value>,
    #[serde(default)]
    pub mounts: Vec<Mount>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workdir: Option<AbsolutePath>,
    #[serde(default)]
    pub resources: Resources,
    #[serde(default)]
    pub probes: Probes,
    /// The image's own if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_signal: Option<StopSignal>,
}

words! {
    /// When a container runs in the life of its replica.
    #[derive(Default, Hash)]
    pub enum ContainerKind("a kind of container") {
        /// For as long as the replica lives.
        #[default]
        Main = "main",
        /// Before the main ones, to its end. Not built yet: refused when an app is deployed.
        Init = "init",
    }
}

pub(crate) use problems::problems;

impl Container {
    pub fn new(name: Name, image: ImageReference) -> Self {
        Self {
            name,
            image,
            kind: ContainerKind::default(),
            command: Vec::new(),
            args: Vec::new(),
            environment: BTreeMap::new(),
            files: BTreeMap::new(),
            mounts: Vec::new(),
            workdir: None,
            resources: Resources::default(),
            probes: Probes::default(),
            stop_signal: None,
        }
    }
}
