//! Joining: a token is shown, a certificate and the way to the others come back.

use std::fmt;
use std::net::IpAddr;

use hm_model::{NodeId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::schema::{IpText, NodeIdText, TimeText};

#[derive(Clone, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinRequest {
    /// The whole join token, as `hivemind cluster token` printed it.
    #[schema(min_length = 1, max_length = 256)]
    pub token: String,
    /// The id the new node has chosen for itself.
    #[schema(value_type = NodeIdText)]
    pub node: NodeId,
    #[schema(min_length = 1, max_length = 63)]
    pub name: String,
    /// A certificate signing request in PEM; its key never leaves the node.
    #[schema(max_length = 16_384)]
    pub csr: String,
    /// Where the others reach it, tried in order.
    #[schema(value_type = Vec<IpText>, min_items = 1, max_items = 16)]
    pub addresses: Vec<IpAddr>,
    #[schema(minimum = 1, maximum = 65_535)]
    pub api_port: u16,
    #[schema(minimum = 1, maximum = 65_535)]
    pub gossip_port: u16,
    /// The version of its daemon.
    #[schema(max_length = 64)]
    pub version: String,
    pub feature_level: u32,
    /// What time it believes it is.
    #[schema(value_type = TimeText)]
    pub time: Timestamp,
}

impl fmt::Debug for JoinRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinRequest")
            .field("node", &self.node)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What a node needs to be a member.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct JoinResponse {
    pub cluster_id: String,
    pub cluster_name: String,
    /// The node's certificate in PEM, its name the node's id.
    pub certificate: String,
    /// The certificates of the cluster's authorities in PEM.
    pub authorities: Vec<String>,
    /// The keys of the gossip, 64 hexadecimal digits each, the one to send with first.
    pub gossip_keys: Vec<String>,
    /// Members to talk to, servers first.
    pub peers: Vec<JoinPeer>,
    pub feature_level: u32,
    /// The revision at which the node became a member.
    pub revision: u64,
}

impl fmt::Debug for JoinResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinResponse")
            .field("cluster_id", &self.cluster_id)
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct JoinPeer {
    #[schema(value_type = NodeIdText)]
    pub id: NodeId,
    #[schema(value_type = Vec<IpText>)]
    pub addresses: Vec<IpAddr>,
    pub api_port: u16,
    pub gossip_port: u16,
}
