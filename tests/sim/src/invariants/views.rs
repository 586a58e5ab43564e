//! What an agent knows is what the state says it may see, object by object.

use std::collections::BTreeMap;

use hm_agent::View;
use hm_state::{Key, Object, Sight, State};

use crate::cluster::Cluster;

/// The first machine whose agent knows something else than `state` says, and what.
pub(crate) fn first_wrong(cluster: &Cluster, state: &State) -> Option<String> {
    cluster.machines().iter().find_map(|machine| {
        let view = machine.node()?.view().borrow().clone();
        let expected: BTreeMap<Key, Object> = state
            .list(Sight::Agent(machine.id))
            .into_iter()
            .filter_map(|seen| Some((seen.key, seen.object?)))
            .collect();
        let known = objects(&view);
        (known != expected).then(|| {
            let wrong: Vec<&Key> = expected
                .iter()
                .filter(|(key, object)| known.get(key) != Some(object))
                .map(|(key, _)| key)
                .chain(known.keys().filter(|key| !expected.contains_key(key)))
                .collect();
            format!(
                "the agent of machine {} is at {}, the servers at {}; it is wrong about {wrong:?}",
                machine.place,
                view.revision,
                state.revision()
            )
        })
    })
}

fn objects(view: &View) -> BTreeMap<Key, Object> {
    let mut objects = BTreeMap::new();
    if let Some(cluster) = &view.cluster {
        objects.insert(Key::Cluster, Object::Cluster(cluster.clone()));
        objects.insert(
            Key::GossipKeys,
            Object::GossipKeys(view.gossip_keys.clone()),
        );
        objects.insert(Key::Servers, Object::Servers(view.servers.clone()));
    }
    objects.extend(
        view.nodes
            .iter()
            .map(|(id, node)| (Key::Node(*id), Object::Node(Box::new(node.clone())))),
    );
    objects.extend(
        view.settings
            .iter()
            .map(|(key, value)| (Key::Setting(*key), Object::Setting(value.clone()))),
    );
    objects.extend(view.replicas.iter().map(|(id, replica)| {
        (
            Key::Replica(id.clone()),
            Object::Replica(Box::new(replica.clone())),
        )
    }));
    objects.extend(view.revisions.iter().map(|((app, number), revision)| {
        (
            Key::Revision(app.clone(), *number),
            Object::Revision(Box::new(revision.clone())),
        )
    }));
    objects
}
