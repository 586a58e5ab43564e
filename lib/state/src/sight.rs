//! Who may see what: the projection of the state that a watcher of a role gets.

use hm_model::NodeId;

use crate::change::{Change, What};
use crate::object::{Key, Kind, Object};
use crate::state::State;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sight {
    /// A node's agent: what every node needs, and of replicas only its own.
    Agent(NodeId),
    /// A person who administers the cluster: everything but key material.
    Administrator,
}

/// One line of a watch: the object as it is now, or that it is gone.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub key: Key,
    pub object: Option<Object>,
}

impl Sight {
    fn sees(self, kind: Kind) -> bool {
        match (self, kind) {
            (
                _,
                Kind::Cluster
                | Kind::Servers
                | Kind::Node
                | Kind::Setting
                | Kind::Revision
                | Kind::Replica,
            ) => true,
            (Self::Agent(_), kind) => kind == Kind::GossipKeys,
            (Self::Administrator, kind) => kind != Kind::GossipKeys,
        }
    }

    fn sees_owner(self, owner: Option<NodeId>) -> bool {
        match (self, owner) {
            (Self::Agent(node), Some(owner)) => node == owner,
            (Self::Agent(_) | Self::Administrator, _) => true,
        }
    }
}

impl State {
    /// Everything the role sees, dependencies first: an agent knows a revision before the replica that runs it.
    pub fn list(&self, sight: Sight) -> Vec<Seen> {
        let mut keys = vec![Key::Cluster, Key::GossipKeys, Key::Servers];
        keys.extend(self.nodes.iter().map(|(id, _)| Key::Node(*id)));
        keys.extend(self.settings.iter().map(|(key, _)| Key::Setting(*key)));
        if let Sight::Agent(node) = sight {
            keys.extend(
                self.replicas_on(node)
                    .flat_map(|id| self.with_dependencies(Key::Replica(id.clone()), sight)),
            );
            keys.dedup();
        } else {
            keys.extend(self.tokens.iter().map(|(id, _)| Key::Token(*id)));
            keys.extend(
                self.namespaces
                    .iter()
                    .map(|(name, _)| Key::Namespace(name.clone())),
            );
            keys.extend(self.apps.iter().map(|(key, _)| Key::App(key.clone())));
            keys.extend(
                self.revisions
                    .iter()
                    .map(|((app, number), _)| Key::Revision(app.clone(), *number)),
            );
            keys.extend(self.replicas.iter().map(|(id, _)| Key::Replica(id.clone())));
            keys.extend(
                self.events
                    .iter()
                    .map(|(number, _)| Key::Event(number.clone())),
            );
        }
        keys.into_iter()
            .filter(|key| sight.sees(key.kind()))
            .filter_map(|key| {
                self.object(&key).map(|object| Seen {
                    key,
                    object: Some(object),
                })
            })
            .collect()
    }

    /// What a change looks like to the role, as the objects are now. Empty when it may not see it.
    pub fn see(&self, sight: Sight, change: &Change) -> Vec<Seen> {
        if !sight.sees(change.key.kind()) || !sight.sees_owner(change.owner) {
            return Vec::new();
        }
        match (change.what, &change.key, sight) {
            // An agent gets revisions with the replicas that need them.
            (What::Put, Key::Revision(..), Sight::Agent(_)) => Vec::new(),
            (What::Deleted, key, _) => vec![Seen {
                key: key.clone(),
                object: None,
            }],
            (What::Put, key, _) => self
                .with_dependencies(key.clone(), sight)
                .into_iter()
                .map(|key| Seen {
                    object: self.object(&key),
                    key,
                })
                .collect(),
        }
    }

    fn with_dependencies(&self, key: Key, sight: Sight) -> Vec<Key> {
        match (&key, sight) {
            (Key::Replica(id), Sight::Agent(_)) => match self.replicas.value(id) {
                Some(replica) => vec![Key::Revision(id.app.clone(), replica.revision), key],
                None => vec![key],
            },
            _ => vec![key],
        }
    }

    /// One object by its key.
    pub fn object(&self, key: &Key) -> Option<Object> {
        match key {
            Key::Cluster => self.cluster.clone().map(Object::Cluster),
            Key::GossipKeys => Some(Object::GossipKeys(self.gossip_keys.clone())),
            Key::Servers => Some(Object::Servers(self.servers.clone())),
            Key::Node(id) => self
                .nodes
                .value(id)
                .map(|node| Object::Node(Box::new(node.clone()))),
            Key::Setting(key) => self
                .settings
                .value(key)
                .map(|value| Object::Setting(value.clone())),
            Key::Token(id) => self
                .tokens
                .value(id)
                .map(|token| Object::Token(token.clone())),
            Key::Namespace(name) => self
                .namespaces
                .contains(name)
                .then(|| Object::Namespace(name.clone())),
            Key::App(key) => self
                .apps
                .value(key)
                .map(|app| Object::App(Box::new(app.clone()))),
            Key::Revision(app, number) => self
                .revisions
                .value(&(app.clone(), *number))
                .map(|revision| Object::Revision(Box::new(revision.clone()))),
            Key::Replica(id) => self
                .replicas
                .value(id)
                .map(|replica| Object::Replica(Box::new(replica.clone()))),
            Key::Event(number) => self
                .events
                .value(number)
                .map(|event| Object::Event(Box::new(event.clone()))),
        }
    }
}
