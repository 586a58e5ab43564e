//! The cluster's own entries: its birth, options, servers, namespaces; and what holds for all entries.

use std::collections::BTreeSet;

use hm_model::{ClusterOptions, Span};
use hm_state::{Entry, Key, Kind, Refused};

use crate::log::Log;
use crate::objects::{
    FOUNDER, START, create, create_token, deployed, id, key, namespace, place, token,
};

#[test]
fn nothing_happens_before_the_cluster_is_created() {
    let mut log = Log::empty();
    let refused = log.refused(Entry::CreateNamespace(namespace("shop")));
    assert_eq!(refused, Refused::NoCluster);
    assert!(log.state.cluster().is_none() && log.state.vault().is_none());

    log.done(create());
    assert_eq!(log.state.cluster().unwrap().id, "c1");
    assert_eq!(log.state.servers().wanted, BTreeSet::from([FOUNDER]));
    assert_eq!(log.state.servers().voters, BTreeSet::from([FOUNDER]));
    assert!(log.state.namespaces().contains(&namespace("default")));
    let founder = log.state.nodes().value(&FOUNDER).unwrap();
    assert_eq!((founder.joined_at, founder.state_since), (START, START));

    assert_eq!(log.refused(create()), Refused::ClusterExists);
}

#[test]
fn time_never_goes_backwards() {
    let mut log = Log::founded();
    log.later(Span::from_secs(10))
        .done(Entry::CreateNamespace(namespace("late")));
    let latest = log.time;
    log.time = START;
    log.done(Entry::CreateNamespace(namespace("early")));
    assert_eq!(log.state.time(), latest);
    let record = log.state.namespaces().get(&namespace("early")).unwrap();
    assert_eq!((record.created_at, record.changed_at), (latest, latest));
}

#[test]
fn records_say_when_they_were_made_and_changed() {
    let mut log = Log::founded();
    log.done(deployed("web", 1, vec![]));
    let first = log.state.revision();
    let made_at = log.time;
    log.later(Span::from_secs(5))
        .done(deployed("web", 2, vec![]));
    let record = log.state.apps().get(&key("web")).unwrap();
    assert_eq!(record.generation, 2);
    assert_eq!((record.created_at, record.changed_at), (made_at, log.time));
    assert_eq!(record.revision, first + 1);
}

#[test]
fn an_expected_generation_is_never_ignored() {
    let mut log = Log::founded();
    let choose = Entry::ChooseServers(BTreeSet::from([FOUNDER]));
    for entry in [
        choose,
        place(vec![]),
        Entry::SetClusterOptions(ClusterOptions::default()),
    ] {
        let refused = log.refused_as(log.expecting(0, entry));
        assert!(matches!(refused, Refused::Invalid { .. }), "{refused:?}");
    }
}

#[test]
fn options_change_only_when_they_differ() {
    let mut log = Log::founded();
    let options = ClusterOptions {
        failure_threshold: 5,
        ..ClusterOptions::default()
    };
    log.changes.clear();
    log.done(Entry::SetClusterOptions(options.clone()));
    log.done(Entry::SetClusterOptions(options.clone()));
    assert_eq!(log.state.cluster().unwrap().options, options);
    let keys: Vec<&Key> = log.changes.iter().map(|change| &change.key).collect();
    assert_eq!(keys, [&Key::Cluster]);
}

#[test]
fn servers_are_nodes_and_at_least_one() {
    let mut log = Log::of_nodes(3);
    for wrong in [BTreeSet::new(), BTreeSet::from([id(1), id(9)])] {
        log.refused(Entry::ChooseServers(wrong.clone()));
        log.refused(Entry::NoteVoters(wrong));
    }
    let all = BTreeSet::from([id(1), id(2), id(3)]);
    log.done(Entry::ChooseServers(all.clone()));
    assert!(log.state.servers().listens(id(3)));
    assert_eq!(log.state.servers().voters, BTreeSet::from([FOUNDER]));
    log.done(Entry::NoteVoters(all.clone()));
    log.done(Entry::ChooseServers(BTreeSet::from([id(1)])));
    assert!(
        log.state.servers().listens(id(3)),
        "it votes until that is changed"
    );
    log.done(Entry::NoteVoters(BTreeSet::from([id(1)])));
    assert!(!log.state.servers().listens(id(3)));

    let told: Vec<(&str, u64)> = log
        .state
        .events()
        .values()
        .filter(|event| event.reason.as_str().starts_with("server-"))
        .map(|event| (event.reason.as_str(), event.node.unwrap().as_u64()))
        .collect();
    let (added, removed) = ("server-added", "server-removed");
    assert_eq!(told, [(added, 2), (added, 3), (removed, 2), (removed, 3)]);
}

#[test]
fn namespaces_come_and_go() {
    let mut log = Log::founded();
    let shop = || namespace("shop");
    assert_eq!(log.generation(Entry::CreateNamespace(shop())), 1);
    let exists = log.refused(Entry::CreateNamespace(shop()));
    assert!(matches!(exists, Refused::Exists { kind: Kind::Namespace, name } if name == "shop"));
    let stale = log.refused_as(log.expecting(0, Entry::CreateNamespace(shop())));
    assert!(matches!(
        stale,
        Refused::GenerationMismatch {
            expected: 0,
            found: 1,
            ..
        }
    ));

    log.done(deployed("shop/web", 1, vec![]));
    let in_use = log.refused(Entry::DeleteNamespace(shop()));
    assert_eq!(in_use.to_string(), "namespace `shop` is in use: app `web`");
    log.done(Entry::DeleteApp(key("shop/web")));
    let stale = log.refused_as(log.expecting(2, Entry::DeleteNamespace(shop())));
    assert!(matches!(
        stale,
        Refused::GenerationMismatch {
            expected: 2,
            found: 1,
            ..
        }
    ));
    log.done_as(log.expecting(1, Entry::DeleteNamespace(shop())));
    let gone = log.refused(Entry::DeleteNamespace(shop()));
    assert!(matches!(
        gone,
        Refused::NotFound {
            kind: Kind::Namespace,
            ..
        }
    ));
    let default = log.refused(Entry::DeleteNamespace(namespace("default")));
    assert_eq!(
        default.to_string(),
        "the namespace `default` cannot be deleted"
    );
    // Made again, it is another one.
    assert_eq!(log.generation(Entry::CreateNamespace(shop())), 1);
}

#[test]
fn entries_of_this_build_are_of_its_level() {
    for entry in [create(), create_token(token(1, None)), place(vec![])] {
        assert!(entry.level() <= hm_state::FEATURE_LEVEL);
    }
}
