//! The cluster itself: its birth, its options, its servers, its namespaces.

use std::collections::BTreeSet;

use hm_model::{ClusterOptions, Namespace, Node, NodeId};

use super::events::News;
use super::{Outcome, Step, not_found};
use crate::change::Change;
use crate::entry::CreateCluster;
use crate::object::{Key, Kind};
use crate::reply::Refused;
use crate::state::State;

impl State {
    pub(super) fn create_cluster(
        &mut self,
        create: &CreateCluster,
        step: &mut Step<'_>,
    ) -> Outcome {
        if self.cluster.is_some() {
            return Err(Refused::ClusterExists);
        }
        self.cluster = Some(create.cluster.clone());
        self.vault = Some(create.vault.clone());
        self.gossip_keys = create.gossip_keys.clone();
        self.servers.wanted = BTreeSet::from([create.node.id]);
        self.servers.voters = BTreeSet::from([create.node.id]);
        self.namespaces.put(Namespace::default(), (), step.now);
        let founder = Node {
            joined_at: step.now.time,
            state_since: step.now.time,
            ..create.node.clone()
        };
        self.nodes.put(founder.id, founder, step.now);
        step.changed(Change::of(Key::Cluster));
        step.changed(Change::of(Key::GossipKeys));
        step.changed(Change::of(Key::Servers));
        step.changed(Change::of(Key::Namespace(Namespace::default())));
        step.changed(Change::of(Key::Node(create.node.id)));
        self.tell_of_node(
            create.node.id,
            News::normal("cluster-created", "the cluster begins with this node"),
            step,
        );
        Ok(None)
    }

    pub(super) fn set_cluster_options(&mut self, options: &ClusterOptions, step: &mut Step<'_>) {
        if let Some(cluster) = &mut self.cluster
            && cluster.options != *options
        {
            cluster.options = options.clone();
            step.changed(Change::of(Key::Cluster));
        }
    }

    pub(super) fn choose_servers(
        &mut self,
        wanted: &BTreeSet<NodeId>,
        step: &mut Step<'_>,
    ) -> Outcome {
        self.check_servers(wanted)?;
        if self.servers.wanted != *wanted {
            self.servers.wanted.clone_from(wanted);
            step.changed(Change::of(Key::Servers));
        }
        Ok(None)
    }

    pub(super) fn note_voters(
        &mut self,
        voters: &BTreeSet<NodeId>,
        step: &mut Step<'_>,
    ) -> Outcome {
        self.check_servers(voters)?;
        if self.servers.voters == *voters {
            return Ok(None);
        }
        let before = std::mem::replace(&mut self.servers.voters, voters.clone());
        step.changed(Change::of(Key::Servers));
        for node in voters.difference(&before) {
            self.tell_of_node(
                *node,
                News::normal("server-added", "the node votes now"),
                step,
            );
        }
        for node in before.difference(voters) {
            self.tell_of_node(
                *node,
                News::normal("server-removed", "the node votes no more"),
                step,
            );
        }
        Ok(None)
    }

    fn check_servers(&self, servers: &BTreeSet<NodeId>) -> Result<(), Refused> {
        if servers.is_empty() {
            return Err(Refused::Invalid {
                reason: "a cluster needs at least one server".to_owned(),
            });
        }
        match servers.iter().find(|node| !self.nodes.contains(node)) {
            Some(stranger) => Err(not_found(Kind::Node, stranger)),
            None => Ok(()),
        }
    }

    pub(super) fn create_namespace(&mut self, name: &Namespace, step: &mut Step<'_>) -> Outcome {
        step.check_generation(Kind::Namespace, name, self.namespaces.get(name))?;
        if self.namespaces.contains(name) {
            return Err(Refused::Exists {
                kind: Kind::Namespace,
                name: name.to_string(),
            });
        }
        let generation = self.namespaces.put(name.clone(), (), step.now);
        step.changed(Change::of(Key::Namespace(name.clone())));
        Ok(Some(generation))
    }

    pub(super) fn delete_namespace(&mut self, name: &Namespace, step: &mut Step<'_>) -> Outcome {
        if !self.namespaces.contains(name) {
            return Err(not_found(Kind::Namespace, name));
        }
        step.check_generation(Kind::Namespace, name, self.namespaces.get(name))?;
        if *name == Namespace::default() {
            return Err(Refused::Invalid {
                reason: format!("the namespace `{name}` cannot be deleted"),
            });
        }
        if let Some((key, _)) = self.apps.iter().find(|(key, _)| key.namespace == *name) {
            return Err(Refused::InUse {
                kind: Kind::Namespace,
                name: name.to_string(),
                by: format!("app `{}`", key.name),
            });
        }
        self.forget_all_events(name, step);
        self.namespaces.remove(name);
        step.changed(Change::of(Key::Namespace(name.clone())));
        Ok(None)
    }
}
