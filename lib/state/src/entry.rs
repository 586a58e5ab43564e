//! Everything that can happen to the state. Ids, times and random bits are in the entry: `apply` invents nothing.

use std::collections::BTreeSet;

use hm_model::{
    App, ClusterOptions, FeatureLevel, Namespace, Node, NodeId, NodeState, ObjectKey, Replica,
    ReplicaId, ReplicaStatus, Revision, SettingKey, TokenId,
};
use serde::{Deserialize, Serialize};

use crate::object::{Cluster, GossipKeys, JoinTokenRecord, NodeReport, Vault};

/// The newest entries this build knows. Entries above the cluster's `feature_level` are never proposed.
pub const FEATURE_LEVEL: FeatureLevel = FeatureLevel::new(1);

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// The first entry of every cluster.
    CreateCluster(Box<CreateCluster>),

    JoinNode(Box<JoinNode>),
    /// What a node says of itself.
    ReportNode(Box<NodeReport>),
    /// What the leader concludes about nodes from gossip and their streams.
    JudgeNodes(Vec<Verdict>),
    RemoveNode(NodeId),

    /// Who shall vote. Written before the voters change, so that a chosen node starts to listen.
    ChooseServers(BTreeSet<NodeId>),
    /// Who does vote. Written after the change, so that a node that was let go may stop.
    NoteVoters(BTreeSet<NodeId>),

    /// The value as its text: what it means follows from the key.
    SetSetting {
        key: SettingKey,
        value: String,
    },
    UnsetSetting(SettingKey),
    SetClusterOptions(ClusterOptions),

    CreateToken(Box<JoinTokenRecord>),
    DeleteToken(TokenId),

    CreateNamespace(Namespace),
    DeleteNamespace(Namespace),

    /// One entry for the whole deploy: the app, its revision and where its replicas go.
    DeployApp(Box<DeployApp>),
    DeleteApp(ObjectKey),
    /// Placements and removals the leader decided on.
    PlaceReplicas {
        #[serde(default)]
        place: Vec<Replica>,
        #[serde(default)]
        remove: Vec<ReplicaId>,
    },
    /// A node reports the phases of its own replicas.
    ReportReplicas {
        node: NodeId,
        reports: Vec<ReplicaReport>,
    },
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct CreateCluster {
    pub cluster: Cluster,
    pub vault: Vault,
    #[serde(default)]
    pub gossip_keys: GossipKeys,
    pub node: Node,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct JoinNode {
    pub node: Node,
    /// One use of this token is spent with the same entry.
    pub token: TokenId,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Verdict {
    pub node: NodeId,
    pub state: NodeState,
    #[serde(default)]
    pub reason: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct DeployApp {
    pub app: App,
    pub revision: Revision,
    #[serde(default)]
    pub place: Vec<Replica>,
    #[serde(default)]
    pub remove: Vec<ReplicaId>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ReplicaReport {
    pub replica: ReplicaId,
    #[serde(default)]
    pub status: ReplicaStatus,
}

impl Entry {
    /// The feature level from which on every node understands this entry.
    pub fn level(&self) -> FeatureLevel {
        match self {
            Self::CreateCluster(_)
            | Self::JoinNode(_)
            | Self::ReportNode(_)
            | Self::JudgeNodes(_)
            | Self::RemoveNode(_)
            | Self::ChooseServers(_)
            | Self::NoteVoters(_)
            | Self::SetSetting { .. }
            | Self::UnsetSetting(_)
            | Self::SetClusterOptions(_)
            | Self::CreateToken(_)
            | Self::DeleteToken(_)
            | Self::CreateNamespace(_)
            | Self::DeleteNamespace(_)
            | Self::DeployApp(_)
            | Self::DeleteApp(_)
            | Self::PlaceReplicas { .. }
            | Self::ReportReplicas { .. } => FeatureLevel::new(1),
        }
    }
    /// Whether it changes one object that has a generation: only then can `expected_generation` be compared with it.
    pub(crate) fn has_generation(&self) -> bool {
        match self {
            Self::RemoveNode(_)
            | Self::SetSetting { .. }
            | Self::UnsetSetting(_)
            | Self::CreateToken(_)
            | Self::DeleteToken(_)
            | Self::CreateNamespace(_)
            | Self::DeleteNamespace(_)
            | Self::DeployApp(_)
            | Self::DeleteApp(_) => true,
            Self::CreateCluster(_)
            | Self::JoinNode(_)
            | Self::ReportNode(_)
            | Self::JudgeNodes(_)
            | Self::ChooseServers(_)
            | Self::NoteVoters(_)
            | Self::SetClusterOptions(_)
            | Self::PlaceReplicas { .. }
            | Self::ReportReplicas { .. } => false,
        }
    }
}
