//! Who sees what: an agent what its node needs, an administrator everything but key material, nobody the vault.

use std::collections::{BTreeMap, BTreeSet};

use hm_model::{NodeState, Phase, SettingKey};
use hm_state::{Change, Entry, Key, Kind, Object, Seen, Sight, State, Verdict};

use crate::log::Log;
use crate::objects::{
    GOSSIP_KEY, SECRET, TOKEN_HASH, create_token, deployed, id, join, key, namespace, node,
    of_revision, place, remove, replica, report, token,
};

/// What a watcher holds: it began with a list and took every change since.
pub(crate) struct Watcher {
    sight: Sight,
    objects: BTreeMap<Key, Object>,
}

impl Watcher {
    pub(crate) fn new(state: &State, sight: Sight) -> Self {
        Self {
            sight,
            objects: listed(state, sight),
        }
    }

    pub(crate) fn take(&mut self, state: &State, changes: &[Change]) {
        for Seen { key, object } in state.see_all(self.sight, changes.iter()) {
            match object {
                Some(object) => self.objects.insert(key, object),
                None => self.objects.remove(&key),
            };
        }
    }

    pub(crate) fn take_one_by_one(&mut self, state: &State, changes: &[Change]) {
        for change in changes {
            self.take(state, std::slice::from_ref(change));
        }
    }

    pub(crate) fn assert_holds_what_is_listed(&self, state: &State) {
        assert_eq!(self.objects, listed(state, self.sight), "{:?}", self.sight);
    }
}

/// The list, after checking that it names nothing twice, dependencies first, and nothing that is not for the role.
pub(crate) fn listed(state: &State, sight: Sight) -> BTreeMap<Key, Object> {
    let list = state.list(sight);
    let mut known = BTreeSet::new();
    let mut objects = BTreeMap::new();
    for Seen { key, object } in list {
        let object = object.unwrap();
        check_is_for(sight, &key, &object);
        if let (Sight::Agent(_), Object::Replica(replica)) = (sight, &object) {
            let needed = Key::Revision(replica.id.app.clone(), replica.revision);
            assert!(known.contains(&needed), "{key} comes before its revision");
        }
        assert!(known.insert(key.clone()), "{key} is listed twice");
        objects.insert(key, object);
    }
    objects
}

pub(crate) fn check_is_for(sight: Sight, key: &Key, object: &Object) {
    let mut bytes = Vec::new();
    ciborium::into_writer(object, &mut bytes).unwrap();
    let holds = |secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
    assert!(!holds(SECRET), "{key} holds the vault's key");
    assert!(!holds(TOKEN_HASH), "{key} holds the hash of a token");
    match sight {
        Sight::Administrator => assert!(!holds(&GOSSIP_KEY), "{key} holds gossip's key"),
        Sight::Agent(node) => {
            let for_people = [Kind::Token, Kind::Namespace, Kind::App, Kind::Event];
            assert!(!for_people.contains(&key.kind()), "an agent sees {key}");
            if let Object::Replica(replica) = object {
                assert_eq!(replica.node, Some(node), "{key} is not its own");
            }
        }
    }
}

fn kinds(state: &State, sight: Sight) -> BTreeSet<Kind> {
    listed(state, sight).keys().map(Key::kind).collect()
}

/// What the last changes look like: the keys, with `-` before those that are gone.
fn seen(log: &Log, sight: Sight) -> Vec<String> {
    log.state
        .see_all(sight, log.changes.iter())
        .into_iter()
        .map(|seen| {
            format!(
                "{}{}",
                if seen.object.is_some() { "" } else { "-" },
                seen.key
            )
        })
        .collect()
}

fn full() -> Log {
    let mut log = Log::of_nodes(3);
    log.done(Entry::SetSetting {
        key: SettingKey::IoWeight,
        value: "200".to_owned(),
    });
    log.done(Entry::CreateNamespace(namespace("shop")));
    let web = vec![
        replica("web.0-1", Some(1)),
        replica("web.1-2", Some(1)),
        replica("web.2-3", None),
    ];
    log.done(deployed("web", 1, web));
    log.done(deployed(
        "shop/api",
        1,
        vec![replica("shop/api.0-1", Some(2))],
    ));
    log.changes.clear();
    log
}

#[test]
fn each_role_sees_its_kinds() {
    let state = full().state;
    let administrator = Kind::ALL
        .into_iter()
        .filter(|kind| *kind != Kind::GossipKeys);
    assert_eq!(kinds(&state, Sight::Administrator), administrator.collect());
    let common = [
        Kind::Cluster,
        Kind::GossipKeys,
        Kind::Servers,
        Kind::Node,
        Kind::Setting,
    ];
    assert_eq!(kinds(&state, Sight::Agent(id(3))), common.into());
    let mut with_replicas = BTreeSet::from(common);
    with_replicas.extend([Kind::Revision, Kind::Replica]);
    assert_eq!(kinds(&state, Sight::Agent(id(1))), with_replicas);
}

#[test]
fn an_agent_gets_a_revision_once_and_before_its_replicas() {
    let list = full().state.list(Sight::Agent(id(1)));
    let keys: Vec<String> = list.iter().map(|seen| seen.key.to_string()).collect();
    assert_eq!(keys[keys.len() - 3..], ["web@1", "web.0-1", "web.1-2"]);
    assert!(!keys.iter().any(|key| key.contains("api")));
}

#[test]
fn an_agent_hears_of_what_it_gets_and_loses() {
    let mut log = full();
    log.done(place(vec![
        replica("web.3-4", Some(2)),
        replica("web.4-5", Some(2)),
    ]));
    assert_eq!(
        seen(&log, Sight::Agent(id(2))),
        ["web@1", "web.3-4", "web.4-5"]
    );
    assert_eq!(seen(&log, Sight::Agent(id(1))), [""; 0]);
    assert_eq!(seen(&log, Sight::Administrator), ["web.3-4", "web.4-5"]);

    log.changes.clear();
    log.done(remove(&["web.3-4"]));
    assert_eq!(
        seen(&log, Sight::Agent(id(2))),
        ["-web.3-4"],
        "the other still runs it"
    );
    log.changes.clear();
    log.done(remove(&["web.4-5"]));
    assert_eq!(seen(&log, Sight::Agent(id(2))), ["-web.4-5", "-web@1"]);
    assert_eq!(
        seen(&log, Sight::Administrator),
        ["-web.4-5"],
        "it is there, just not needed"
    );
}

#[test]
fn an_agent_does_not_get_revisions_again_with_its_own_reports() {
    let mut log = full();
    log.done_as(log.by_node(id(1), report(1, "web.0-1", Phase::Running)));
    assert_eq!(seen(&log, Sight::Agent(id(1))), ["web.0-1"]);
    assert_eq!(seen(&log, Sight::Agent(id(2))), [""; 0]);
}

#[test]
fn what_is_for_nobody_in_particular_is_for_all_agents_or_none() {
    let mut log = full();
    log.done(create_token(token(5, None)));
    log.done(deployed("db", 1, vec![replica("db.0-1", None)]));
    log.done(Entry::CreateNamespace(namespace("lab")));
    log.done(Entry::DeleteApp(key("db")));
    assert_eq!(
        seen(&log, Sight::Agent(id(1))),
        [""; 0],
        "not even that something is gone"
    );
    log.changes.clear();
    log.done(join(node(4)));
    log.done(Entry::UnsetSetting(SettingKey::IoWeight));
    log.done(Entry::ChooseServers([id(1), id(2)].into()));
    let expected = [
        id(4).to_string(),
        "-storage.io_weight".to_owned(),
        "servers".to_owned(),
    ];
    assert_eq!(seen(&log, Sight::Agent(id(1))), expected);
}

#[test]
fn many_changes_of_an_object_are_one() {
    let mut log = full();
    for state in [NodeState::Down, NodeState::Ready, NodeState::Suspect] {
        let reason = String::new();
        let node = id(2);
        log.done(Entry::JudgeNodes(vec![Verdict {
            node,
            state,
            reason,
        }]));
    }
    assert_eq!(seen(&log, Sight::Agent(id(1))), [id(2).to_string()]);
}

/// Ids are never given twice, but a watcher must not depend on it.
#[test]
fn a_replica_that_moves_is_gone_for_one_and_new_for_the_other() {
    let mut log = full();
    let mut watchers = [1, 2].map(|node| Watcher::new(&log.state, Sight::Agent(id(node))));
    log.done(remove(&["web.0-1", "web.1-2"]));
    log.done(deployed("web", 2, vec![]));
    log.done(place(vec![
        of_revision(2, replica("web.0-1", Some(2))),
        replica("web.1-2", Some(1)),
    ]));
    assert_eq!(
        seen(&log, Sight::Agent(id(1))),
        ["-web.0-1", "web@1", "web.1-2"]
    );
    assert_eq!(seen(&log, Sight::Agent(id(2))), ["web@2", "web.0-1"]);
    for watcher in &mut watchers {
        watcher.take(&log.state, &log.changes);
        watcher.assert_holds_what_is_listed(&log.state);
    }
}
