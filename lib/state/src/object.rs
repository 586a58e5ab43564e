//! The objects of the state by kind and key, and those of them that belong to the cluster itself.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use hm_model::{
    App, ClusterOptions, Event, FeatureLevel, Namespace, Node, NodeId, ObjectKey, Replica,
    ReplicaId, Revision, RevisionNumber, SettingKey, Timestamp, TokenId,
};
use serde::{Deserialize, Serialize};

use crate::bytes;

/// What everyone in the cluster may know about it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Cluster {
    pub id: String,
    #[serde(default)]
    pub options: ClusterOptions,
    #[serde(default)]
    pub created_at: Timestamp,
    /// The certificates that nodes trust, DER. More than one while the CA is being replaced.
    #[serde(with = "bytes::list")]
    pub ca_certificates: Vec<Vec<u8>>,
}

/// What never leaves the servers.
#[derive(Clone, Deserialize, PartialEq, Serialize)]
pub struct Vault {
    /// The private key of the newest CA, PKCS#8 DER.
    #[serde(with = "bytes::one")]
    pub ca_key: Vec<u8>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(secret)")
    }
}

/// The keys of gossip: nodes encrypt with the first and read with all. Nodes get them, people do not.
#[derive(Clone, Default, Deserialize, PartialEq, Serialize)]
pub struct GossipKeys {
    #[serde(with = "bytes::list")]
    pub keys: Vec<[u8; 32]>,
}

impl fmt::Debug for GossipKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GossipKeys({} secret)", self.keys.len())
    }
}

/// Who shall vote and who does.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Servers {
    pub wanted: BTreeSet<NodeId>,
    pub voters: BTreeSet<NodeId>,
}

impl Servers {
    /// Both those that are coming and those that have not gone yet must listen.
    pub fn listens(&self, node: NodeId) -> bool {
        self.wanted.contains(&node) || self.voters.contains(&node)
    }
}

/// A join token as servers keep it: the secret only as a hash.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct JoinTokenRecord {
    pub id: TokenId,
    #[serde(with = "bytes::one")]
    pub secret_hash: Vec<u8>,
    pub expires_at: Timestamp,
    /// `None`: as often as wanted until it expires.
    #[serde(default)]
    pub uses_left: Option<u32>,
}

/// What watchers get of a token: everything but the hash.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TokenInfo {
    pub id: TokenId,
    pub expires_at: Timestamp,
    #[serde(default)]
    pub uses_left: Option<u32>,
}

impl TokenInfo {
    pub(crate) fn of(token: &JoinTokenRecord) -> Self {
        Self {
            id: token.id,
            expires_at: token.expires_at,
            uses_left: token.uses_left,
        }
    }
}

/// What a node says of itself after it started or changed.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct NodeReport {
    pub node: NodeId,
    #[serde(default)]
    pub addresses: Vec<IpAddr>,
    pub api_port: u16,
    pub gossip_port: u16,
    #[serde(default)]
    pub version: String,
    #[serde(default)]
    pub feature_level: FeatureLevel,
}

/// The name of one object.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    Cluster,
    GossipKeys,
    Servers,
    Node(NodeId),
    Setting(SettingKey),
    Token(TokenId),
    Namespace(Namespace),
    App(ObjectKey),
    Revision(ObjectKey, RevisionNumber),
    Replica(ReplicaId),
    Event(EventKey),
}

/// Events are numbered over the whole cluster and kept by namespace.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct EventKey {
    #[serde(default)]
    pub namespace: Option<Namespace>,
    pub number: u64,
}

/// One object as a watcher gets it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Object {
    Cluster(Cluster),
    GossipKeys(GossipKeys),
    Servers(Servers),
    Node(Box<Node>),
    Setting(String),
    Token(TokenInfo),
    Namespace(Namespace),
    App(Box<App>),
    Revision(Box<Revision>),
    Replica(Box<Replica>),
    Event(Box<Event>),
}

/// The kinds of objects, as watches name them.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Cluster,
    GossipKeys,
    Servers,
    Node,
    Setting,
    Token,
    Namespace,
    App,
    Revision,
    Replica,
    Event,
}

impl Kind {
    pub const ALL: [Self; 11] = [
        Self::Cluster,
        Self::GossipKeys,
        Self::Servers,
        Self::Node,
        Self::Setting,
        Self::Token,
        Self::Namespace,
        Self::App,
        Self::Revision,
        Self::Replica,
        Self::Event,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::GossipKeys => "gossip_keys",
            Self::Servers => "servers",
            Self::Node => "node",
            Self::Setting => "setting",
            Self::Token => "token",
            Self::Namespace => "namespace",
            Self::App => "app",
            Self::Revision => "revision",
            Self::Replica => "replica",
            Self::Event => "event",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Key {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Cluster => Kind::Cluster,
            Self::GossipKeys => Kind::GossipKeys,
            Self::Servers => Kind::Servers,
            Self::Node(_) => Kind::Node,
            Self::Setting(_) => Kind::Setting,
            Self::Token(_) => Kind::Token,
            Self::Namespace(_) => Kind::Namespace,
            Self::App(_) => Kind::App,
            Self::Revision(..) => Kind::Revision,
            Self::Replica(_) => Kind::Replica,
            Self::Event(_) => Kind::Event,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster | Self::GossipKeys | Self::Servers => f.write_str(self.kind().as_str()),
            Self::Node(id) => write!(f, "{id}"),
            Self::Setting(key) => write!(f, "{key}"),
            Self::Token(id) => write!(f, "{id}"),
            Self::Namespace(name) => write!(f, "{name}"),
            Self::App(key) => write!(f, "{key}"),
            Self::Revision(key, number) => write!(f, "{key}@{number}"),
            Self::Replica(id) => write!(f, "{id}"),
            Self::Event(key) => write!(f, "{}", key.number),
        }
    }
}
