//! Where replicas may and should run.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::text::words;
use crate::{LabelKey, NodeName, Selector, Toleration};

/// What placement must respect. The default allows every node without taints.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Placement {
    /// Only these nodes, if any are named.
    pub nodes: BTreeSet<NodeName>,
    /// Only nodes with these labels.
    pub node_selector: Selector,
    pub tolerations: BTreeSet<Toleration>,
    /// Near replicas of these apps.
    pub affinity: Vec<Affinity>,
    /// Away from replicas of these apps.
    pub anti_affinity: Vec<Affinity>,
}

/// Nearness to the replicas that a selector means, by their apps' labels.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Affinity {
    pub selector: Selector,
    /// What counts as near: nodes with the same value of this label; the same node if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topology: Option<LabelKey>,
    #[serde(default)]
    pub strength: Strength,
}

words! {
    /// Whether placement may ignore a wish.
    #[derive(Default, Hash)]
    pub enum Strength("a strength") {
        Required = "required",
        #[default]
        Preferred = "preferred",
    }
}
