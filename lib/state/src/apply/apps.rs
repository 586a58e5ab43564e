//! Apps, their revisions and replicas: deployed, placed, reported on, deleted.

use std::collections::BTreeSet;

use hm_model::{NodeId, ObjectKey, Replica, ReplicaId};

use super::{Outcome, Step, not_found};
use crate::change::Change;
use crate::entry::{DeployApp, ReplicaReport};
use crate::object::{Key, Kind};
use crate::reply::Refused;
use crate::state::State;

impl State {
    pub(super) fn deploy_app(&mut self, deploy: &DeployApp, step: &mut Step<'_>) -> Outcome {
        let DeployApp {
            app,
            revision,
            place,
            remove,
        } = deploy;
        let key = &app.key;
        step.check_generation(Kind::App, key, self.apps.get(key))?;
        if !self.namespaces.contains(&key.namespace) {
            return Err(not_found(Kind::Namespace, &key.namespace));
        }
        let invalid = |reason: &str| {
            Err(Refused::Invalid {
                reason: format!("app `{key}`: {reason}"),
            })
        };
        if revision.app != *key || revision.number != app.revision {
            return invalid("its revision belongs to something else");
        }
        let revision_key = (key.clone(), revision.number);
        if self.revisions.contains(&revision_key) {
            return Err(Refused::Exists {
                kind: Kind::Revision,
                name: format!("{key}@{}", revision.number),
            });
        }
        if let Some((latest, _)) = self.revisions_of(key).last()
            && latest > revision.number
        {
            return invalid("its revision is older than the latest");
        }
        if place.iter().any(|replica| replica.id.app != *key)
            || remove.iter().any(|id| id.app != *key)
        {
            return invalid("its replicas belong to something else");
        }
        self.check_placements(place, remove, Some(deploy))?;

        let generation = self.apps.put(key.clone(), app.clone(), step.now);
        step.changed(Change::of(Key::App(key.clone())));
        self.revisions.put(revision_key, revision.clone(), step.now);
        step.changed(Change::of(Key::Revision(key.clone(), revision.number)));
        self.move_replicas(place, remove, step);
        Ok(Some(generation))
    }

    pub(super) fn delete_app(&mut self, key: &ObjectKey, step: &mut Step<'_>) -> Outcome {
        if !self.apps.contains(key) {
            return Err(not_found(Kind::App, key));
        }
        step.check_generation(Kind::App, key, self.apps.get(key))?;
        let replicas: Vec<ReplicaId> = self.replicas_of(key).map(|(id, _)| id.clone()).collect();
        self.move_replicas(&[], &replicas, step);
        let revisions: Vec<_> = self.revisions_of(key).map(|(number, _)| number).collect();
        for number in revisions {
            self.revisions.remove(&(key.clone(), number));
            step.changed(Change::of(Key::Revision(key.clone(), number)));
        }
        self.apps.remove(key);
        step.changed(Change::of(Key::App(key.clone())));
        Ok(None)
    }

    pub(super) fn place_replicas(
        &mut self,
        place: &[Replica],
        remove: &[ReplicaId],
        step: &mut Step<'_>,
    ) -> Outcome {
        self.check_placements(place, remove, None)?;
        self.move_replicas(place, remove, step);
        Ok(None)
    }

    pub(super) fn report_replicas(
        &mut self,
        node: NodeId,
        reports: &[ReplicaReport],
        step: &mut Step<'_>,
    ) -> Outcome {
        if !step.actor_is(node) {
            return Err(Refused::NotYours);
        }
        for report in reports {
            let id = &report.replica;
            // A replica that was placed elsewhere meanwhile is no longer this node's to report on.
            let Some(replica) = self
                .replicas
                .value(id)
                .filter(|replica| replica.node == Some(node))
            else {
                continue;
            };
            if replica.status == report.status {
                continue;
            }
            self.replicas.note(id, step.now, |replica| {
                replica.status.clone_from(&report.status)
            });
            step.changed(Change::on(Key::Replica(id.clone()), Some(node)));
        }
        Ok(None)
    }

    fn check_placements(
        &self,
        place: &[Replica],
        remove: &[ReplicaId],
        deploy: Option<&DeployApp>,
    ) -> Result<(), Refused> {
        let mut new = BTreeSet::new();
        for replica in place {
            if self.replicas.contains(&replica.id) || !new.insert(&replica.id) {
                return Err(Refused::Exists {
                    kind: Kind::Replica,
                    name: replica.id.to_string(),
                });
            }
            if let Some(node) = replica.node.filter(|node| !self.nodes.contains(node)) {
                return Err(not_found(Kind::Node, &node));
            }
            let comes_with_it = deploy.is_some_and(|deploy| {
                deploy.app.key == replica.id.app && deploy.revision.number == replica.revision
            });
            if !comes_with_it
                && !self
                    .revisions
                    .contains(&(replica.id.app.clone(), replica.revision))
            {
                let name = format!("{}@{}", replica.id.app, replica.revision);
                return Err(Refused::NotFound {
                    kind: Kind::Revision,
                    name,
                });
            }
        }
        match remove.iter().find(|id| !self.replicas.contains(id)) {
            Some(id) => Err(not_found(Kind::Replica, id)),
            None => Ok(()),
        }
    }

    fn move_replicas(&mut self, place: &[Replica], remove: &[ReplicaId], step: &mut Step<'_>) {
        for id in remove {
            self.remove_replica(id, step);
        }
        for replica in place {
            self.place_replica(replica, step);
        }
    }

    fn remove_replica(&mut self, id: &ReplicaId, step: &mut Step<'_>) {
        let Some(record) = self.replicas.remove(id) else {
            return;
        };
        let owner = record.value.node;
        step.changed(Change::on(Key::Replica(id.clone()), owner));
        let Some(node) = owner else {
            return;
        };
        if let Some(here) = self.on_node.get_mut(&node) {
            here.remove(id);
            if here.is_empty() {
                self.on_node.remove(&node);
            }
        }
        let number = record.value.revision;
        if !self.needs(node, &id.app, number) {
            step.changed(Change::on(
                Key::Revision(id.app.clone(), number),
                Some(node),
            ));
        }
    }

    /// The agent hears of the revision before the first replica that runs it.
    fn place_replica(&mut self, replica: &Replica, step: &mut Step<'_>) {
        let id = self.with_shared_name(&replica.id);
        if let Some(node) = replica.node {
            if !self.needs(node, &id.app, replica.revision) {
                step.changed(Change::on(
                    Key::Revision(id.app.clone(), replica.revision),
                    Some(node),
                ));
            }
            self.on_node.entry(node).or_default().insert(id.clone());
        }
        let value = Replica {
            id: id.clone(),
            ..replica.clone()
        };
        self.replicas.put(id.clone(), value, step.now);
        step.changed(Change::on(Key::Replica(id), replica.node));
    }

    /// The same id with the texts that the app's own key holds: thousands of replicas need not repeat them in memory.
    pub(crate) fn with_shared_name(&self, id: &ReplicaId) -> ReplicaId {
        ReplicaId {
            app: self.apps.key(&id.app).unwrap_or(&id.app).clone(),
            ..id.clone()
        }
    }
}
