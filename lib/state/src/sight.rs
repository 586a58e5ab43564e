//! Who may see what: the projection of the state that a watcher of a role gets.

use std::collections::BTreeSet;

use hm_model::{NodeId, ObjectKey, ReplicaId, RevisionNumber};

use crate::change::Change;
use crate::object::{Key, Kind, Object, TokenInfo};
use crate::state::State;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sight {
    /// A node's agent: what every node needs, of replicas only its own, and of revisions those that its replicas run.
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
    /// Whether this role hears of a change at all: even that something is gone says that it was there.
    fn hears(self, change: &Change) -> bool {
        match (self, change.key.kind()) {
            (Self::Administrator, Kind::GossipKeys) => false,
            // With an owner, it is about an agent's need of it.
            (Self::Administrator, Kind::Revision) => change.owner.is_none(),
            (
                Self::Administrator,
                Kind::Cluster
                | Kind::Servers
                | Kind::Node
                | Kind::Setting
                | Kind::Token
                | Kind::Namespace
                | Kind::App
                | Kind::Replica
                | Kind::Event,
            ) => true,
            (Self::Agent(node), Kind::Revision | Kind::Replica) => change.owner == Some(node),
            (
                Self::Agent(_),
                Kind::Cluster | Kind::GossipKeys | Kind::Servers | Kind::Node | Kind::Setting,
            ) => true,
            (Self::Agent(_), Kind::Token | Kind::Namespace | Kind::App | Kind::Event) => false,
        }
    }
}

impl State {
    /// Everything the role sees, dependencies first: an agent knows a revision before the replica that runs it.
    pub fn list(&self, sight: Sight) -> Vec<Seen> {
        let keys = match sight {
            Sight::Agent(node) => self.keys_for_agent(node),
            Sight::Administrator => self.keys_for_administrator(),
        };
        keys.into_iter()
            .filter_map(|key| {
                self.object(&key).map(|object| Seen {
                    key,
                    object: Some(object),
                })
            })
            .collect()
    }

    /// What a change looks like to the role, as the object is now. `None` when the role does not hear of it.
    ///
    /// The change may be an old one: a watcher that applies what it sees of every change since its revision, in order,
    /// ends with exactly what [`State::list`] says.
    pub fn see(&self, sight: Sight, change: &Change) -> Option<Seen> {
        sight.hears(change).then(|| Seen {
            key: change.key.clone(),
            object: self
                .shows(sight, &change.key)
                .then(|| self.object(&change.key))
                .flatten(),
        })
    }

    /// What many changes look like to the role: each object once, where its last change stands.
    pub fn see_all<'a>(
        &self,
        sight: Sight,
        changes: impl DoubleEndedIterator<Item = &'a Change>,
    ) -> Vec<Seen> {
        let mut told = BTreeSet::new();
        let mut latest: Vec<&Change> = changes
            .rev()
            .filter(|change| sight.hears(change) && told.insert(&change.key))
            .collect();
        latest.reverse();
        latest
            .into_iter()
            .filter_map(|change| self.see(sight, change))
            .collect()
    }

    /// Whether the role, which heard of it, may see it now.
    fn shows(&self, sight: Sight, key: &Key) -> bool {
        match (sight, key) {
            (Sight::Agent(node), Key::Replica(id)) => self
                .replicas
                .value(id)
                .is_some_and(|replica| replica.node == Some(node)),
            (Sight::Agent(node), Key::Revision(app, number)) => self.needs(node, app, *number),
            (Sight::Agent(_) | Sight::Administrator, _) => true,
        }
    }

    /// Whether a replica on the node runs the revision.
    pub(crate) fn needs(&self, node: NodeId, app: &ObjectKey, number: RevisionNumber) -> bool {
        let Some(here) = self.on_node.get(&node) else {
            return false;
        };
        here.range(
            ReplicaId {
                app: app.clone(),
                slot: 0,
                incarnation: 0,
            }..,
        )
        .take_while(|id| id.app == *app)
        .any(|id| {
            self.replicas
                .value(id)
                .is_some_and(|replica| replica.revision == number)
        })
    }

    fn keys_for_agent(&self, node: NodeId) -> Vec<Key> {
        let mut keys = vec![Key::Cluster, Key::GossipKeys, Key::Servers];
        keys.extend(self.nodes.iter().map(|(id, _)| Key::Node(*id)));
        keys.extend(self.settings.iter().map(|(key, _)| Key::Setting(*key)));
        let replicas: Vec<&ReplicaId> = self.replicas_on(node).collect();
        let needed: BTreeSet<(&ObjectKey, RevisionNumber)> = replicas
            .iter()
            .filter_map(|id| {
                self.replicas
                    .value(id)
                    .map(|replica| (&id.app, replica.revision))
            })
            .collect();
        keys.extend(
            needed
                .into_iter()
                .map(|(app, number)| Key::Revision(app.clone(), number)),
        );
        keys.extend(replicas.into_iter().cloned().map(Key::Replica));
        keys
    }

    fn keys_for_administrator(&self) -> Vec<Key> {
        let mut keys = vec![Key::Cluster, Key::Servers];
        keys.extend(self.nodes.iter().map(|(id, _)| Key::Node(*id)));
        keys.extend(self.settings.iter().map(|(key, _)| Key::Setting(*key)));
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
        keys.extend(self.events.iter().map(|(key, _)| Key::Event(key.clone())));
        keys
    }

    /// One object by its key.
    pub fn object(&self, key: &Key) -> Option<Object> {
        match key {
            Key::Cluster => self.cluster.clone().map(Object::Cluster),
            // Both are born with the cluster.
            Key::GossipKeys => self
                .cluster
                .as_ref()
                .map(|_| Object::GossipKeys(self.gossip_keys.clone())),
            Key::Servers => self
                .cluster
                .as_ref()
                .map(|_| Object::Servers(self.servers.clone())),
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
                .map(|token| Object::Token(TokenInfo::of(token))),
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
            Key::Event(key) => self
                .events
                .value(key)
                .map(|event| Object::Event(Box::new(event.clone()))),
        }
    }
}
