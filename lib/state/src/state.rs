//! The state itself: tables of objects, and questions that read across them.

use std::fmt;

use hm_model::{
    App, Event, FeatureLevel, Namespace, Node, NodeId, NodeState, ObjectKey, Replica, ReplicaId,
    Revision, RevisionNumber, SettingKey, Settings, Timestamp, TokenId,
};
use imbl::{OrdMap, OrdSet};

use crate::object::{Cluster, EventKey, GossipKeys, JoinTokenRecord, Servers, Vault};
use crate::requests::Requests;
use crate::table::{Record, Table};

/// Everything the cluster has agreed on. A clone is cheap and stays as it was while `apply` goes on.
#[derive(Clone, Default)]
pub struct State {
    pub(crate) revision: u64,
    pub(crate) time: Timestamp,
    pub(crate) cluster: Option<Cluster>,
    pub(crate) vault: Option<Vault>,
    pub(crate) gossip_keys: GossipKeys,
    pub(crate) servers: Servers,
    pub(crate) nodes: Table<NodeId, Node>,
    pub(crate) settings: Table<SettingKey, String>,
    pub(crate) tokens: Table<TokenId, JoinTokenRecord>,
    pub(crate) namespaces: Table<Namespace, ()>,
    pub(crate) apps: Table<ObjectKey, App>,
    pub(crate) revisions: Table<(ObjectKey, RevisionNumber), Revision>,
    pub(crate) replicas: Table<ReplicaId, Replica>,
    pub(crate) events: Table<EventKey, Event>,
    pub(crate) events_told: u64,
    /// Derived from `events`: how many there are in a namespace.
    pub(crate) events_in: OrdMap<Option<Namespace>, usize>,
    /// Derived from `replicas`: which are on a node.
    pub(crate) on_node: OrdMap<NodeId, OrdSet<ReplicaId>>,
    pub(crate) requests: Requests,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "State at revision {}", self.revision)
    }
}

impl State {
    /// The log index of the last entry that was applied.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The time of the last entry: the earliest that the next one may carry.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    pub fn cluster(&self) -> Option<&Cluster> {
        self.cluster.as_ref()
    }

    pub fn vault(&self) -> Option<&Vault> {
        self.vault.as_ref()
    }

    pub fn gossip_keys(&self) -> &GossipKeys {
        &self.gossip_keys
    }

    pub fn servers(&self) -> &Servers {
        &self.servers
    }

    pub fn nodes(&self) -> &Table<NodeId, Node> {
        &self.nodes
    }

    pub fn settings(&self) -> &Table<SettingKey, String> {
        &self.settings
    }

    /// The settings as they hold: what was set, and the defaults of the rest.
    pub fn all_settings(&self) -> Settings {
        let mut all = Settings::default();
        // Together they were checked when they were set; on the way there one may clash with the default of another that
        // comes later, so there are two rounds.
        for _ in 0..2 {
            for (key, record) in self.settings.iter() {
                if let Ok(value) = key.parse(&record.value) {
                    let _ = all.set(*key, value);
                }
            }
        }
        all
    }

    pub fn tokens(&self) -> &Table<TokenId, JoinTokenRecord> {
        &self.tokens
    }

    pub fn namespaces(&self) -> &Table<Namespace, ()> {
        &self.namespaces
    }

    pub fn apps(&self) -> &Table<ObjectKey, App> {
        &self.apps
    }

    pub fn revisions(&self) -> &Table<(ObjectKey, RevisionNumber), Revision> {
        &self.revisions
    }

    pub fn replicas(&self) -> &Table<ReplicaId, Replica> {
        &self.replicas
    }

    pub fn events(&self) -> &Table<EventKey, Event> {
        &self.events
    }

    /// The replicas placed on a node, in order of their ids.
    pub fn replicas_on(&self, node: NodeId) -> impl Iterator<Item = &ReplicaId> {
        self.on_node.get(&node).into_iter().flatten()
    }

    /// The replicas of an app, in order of slot and incarnation.
    pub fn replicas_of(
        &self,
        app: &ObjectKey,
    ) -> impl Iterator<Item = (&ReplicaId, &Record<Replica>)> {
        let first = ReplicaId {
            app: app.clone(),
            slot: 0,
            incarnation: 0,
        };
        self.replicas
            .range(first..)
            .take_while(move |(id, _)| id.app == *app)
    }

    /// The revisions of an app, oldest first.
    pub fn revisions_of(
        &self,
        app: &ObjectKey,
    ) -> impl Iterator<Item = (RevisionNumber, &Record<Revision>)> {
        let first = (app.clone(), RevisionNumber::default());
        self.revisions
            .range(first..)
            .take_while(move |((of, _), _)| of == app)
            .map(|((_, number), record)| (*number, record))
    }

    /// What entries every node understands: the lowest level of all nodes that belong to the cluster.
    pub fn feature_level(&self) -> FeatureLevel {
        self.nodes
            .values()
            .filter(|node| node.state != NodeState::Left)
            .map(|node| node.feature_level)
            .min()
            .unwrap_or_default()
    }

    /// A node by its id, its name, or the unique beginning of its id.
    pub fn find_node(&self, text: &str) -> Result<&Node, FindNodeError> {
        if let Some(node) = text
            .parse()
            .ok()
            .and_then(|id: NodeId| self.nodes.value(&id))
        {
            return Ok(node);
        }
        if let Some(node) = self.nodes.values().find(|node| node.name.as_str() == text) {
            return Ok(node);
        }
        let begins: Vec<&Node> = self
            .nodes
            .values()
            .filter(|node| text.len() >= 3 && node.id.to_string().starts_with(text))
            .collect();
        match begins.as_slice() {
            [node] => Ok(node),
            [] => Err(FindNodeError::Unknown(text.to_owned())),
            [..] => Err(FindNodeError::Ambiguous(text.to_owned(), begins.len())),
        }
    }
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FindNodeError {
    #[error("there is no node `{0}`")]
    Unknown(String),
    #[error("`{0}` is the beginning of {1} node ids")]
    Ambiguous(String, usize),
}
