//! What this node knows of the cluster: its part of the state, kept on disk so that it can go on without servers.

use std::collections::{BTreeMap, BTreeSet};

use hm_model::{Node, NodeId, ObjectKey, Replica, ReplicaId, Revision, RevisionNumber, SettingKey};
use hm_ports::Peer;
use hm_protocol::agent::Item;
use hm_state::{Cluster, GossipKeys, Key, Object, Servers};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct View {
    pub revision: u64,
    pub cluster: Option<Cluster>,
    pub gossip_keys: GossipKeys,
    pub servers: Servers,
    pub nodes: BTreeMap<NodeId, Node>,
    pub settings: BTreeMap<SettingKey, String>,
    pub replicas: BTreeMap<ReplicaId, Replica>,
    pub revisions: BTreeMap<(ObjectKey, RevisionNumber), Revision>,
}

impl View {
    /// A list replaces everything: what it does not name is gone.
    pub(crate) fn replace(&mut self, revision: u64, items: Vec<Item>) {
        *self = Self {
            revision,
            ..Self::default()
        };
        self.take_all(items);
    }

    pub(crate) fn change(&mut self, revision: u64, items: Vec<Item>) {
        self.revision = revision;
        self.take_all(items);
    }

    fn take_all(&mut self, items: Vec<Item>) {
        for Item { key, object } in items {
            match object {
                Some(object) => self.put(key, object),
                None => self.remove(&key),
            }
        }
        let needed: BTreeSet<_> = self
            .replicas
            .values()
            .map(|replica| (&replica.id.app, replica.revision))
            .collect();
        self.revisions
            .retain(|(app, number), _| needed.contains(&(app, *number)));
    }

    fn put(&mut self, key: Key, object: Object) {
        match (key, object) {
            (_, Object::Cluster(cluster)) => self.cluster = Some(cluster),
            (_, Object::GossipKeys(keys)) => self.gossip_keys = keys,
            (_, Object::Servers(servers)) => self.servers = servers,
            (Key::Node(id), Object::Node(node)) => {
                self.nodes.insert(id, *node);
            }
            (Key::Setting(key), Object::Setting(value)) => {
                self.settings.insert(key, value);
            }
            (Key::Replica(id), Object::Replica(replica)) => {
                self.replicas.insert(id, *replica);
            }
            (Key::Revision(app, number), Object::Revision(revision)) => {
                self.revisions.insert((app, number), *revision);
            }
            // Servers send agents nothing else; what a newer one sends beyond that is not for this build.
            (_, _) => {}
        }
    }

    fn remove(&mut self, key: &Key) {
        match key {
            Key::Node(id) => {
                self.nodes.remove(id);
            }
            Key::Setting(key) => {
                self.settings.remove(key);
            }
            Key::Replica(id) => {
                self.replicas.remove(id);
            }
            Key::Cluster
            | Key::GossipKeys
            | Key::Servers
            | Key::Token(_)
            | Key::Namespace(_)
            | Key::App(_)
            | Key::Revision(..)
            | Key::Event(_) => {}
        }
    }

    /// Where the servers can be called.
    pub fn server_peers(&self) -> Vec<Peer> {
        self.servers
            .wanted
            .union(&self.servers.voters)
            .filter_map(|id| self.nodes.get(id))
            .map(peer_of)
            .collect()
    }

    pub fn peer(&self, id: NodeId) -> Option<Peer> {
        self.nodes.get(&id).map(peer_of)
    }
}

fn peer_of(node: &Node) -> Peer {
    Peer {
        id: node.id,
        addresses: node
            .addresses
            .iter()
            .map(|ip| (*ip, node.api_port).into())
            .collect(),
    }
}
