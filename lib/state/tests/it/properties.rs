//! Whatever happens, in whatever order: the state depends on the entries alone, and everything derived from it agrees.

use std::collections::BTreeSet;

use hm_model::{
    Actor, NodeId, NodeState, Phase, RequestId, SettingKey, Span, Timestamp, TokenId, Via,
};
use hm_state::{Entry, Envelope, FORMAT, NodeReport, Sight, State, Verdict};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::log::{Log, restored, snapshot};
use crate::objects::{
    START, create, create_token, deploy, id, join_with, key, namespace, node, of_revision, place,
    replica, replica_id, report, token,
};
use crate::sight::Watcher;

/// Of so few things that entries meet: some fit, some clash, some come too late.
const NODES: std::ops::Range<u64> = 1..5;

fn entry() -> impl Strategy<Value = Entry> {
    prop_oneof![
        1 => Just(create()),
        2 => (NODES, 1..4u64).prop_map(|(number, token)| join_with(node(number), token)),
        2 => about_nodes(),
        2 => about_cluster(),
        8 => about_apps(),
        3 => (NODES, replica_name(), phase()).prop_map(|(node, id, phase)| report(node, &id, phase)),
    ]
}

fn about_nodes() -> impl Strategy<Value = Entry> {
    let node_state = prop::sample::select(NodeState::ALL);
    let verdict = (NODES, node_state).prop_map(|(number, state)| Verdict {
        node: id(number),
        state,
        reason: "why not".to_owned(),
    });
    let servers = prop::collection::btree_set(NODES.prop_map(id), 0..4);
    prop_oneof![
        vec(verdict, 0..3).prop_map(Entry::JudgeNodes),
        NODES.prop_map(|number| Entry::RemoveNode(id(number))),
        servers.clone().prop_map(Entry::ChooseServers),
        servers.prop_map(Entry::NoteVoters),
        (NODES, 3000..3003u16).prop_map(|(number, port)| Entry::ReportNode(Box::new(NodeReport {
            node: id(number),
            addresses: vec![],
            api_port: port,
            gossip_port: 1,
            version: "1".to_owned(),
            feature_level: hm_state::FEATURE_LEVEL,
        }))),
    ]
}

fn about_cluster() -> impl Strategy<Value = Entry> {
    let setting = || prop::sample::select(SettingKey::ALL);
    let value = prop::sample::select(vec!["1", "1300", "1400", "8950", "9000", "spread", "none"]);
    prop_oneof![
        (setting(), value).prop_map(|(key, value)| Entry::SetSetting {
            key,
            value: value.to_owned()
        }),
        setting().prop_map(Entry::UnsetSetting),
        (1..4u64, prop::option::of(0..3u32))
            .prop_map(|(number, uses)| create_token(token(number, uses))),
        (1..4u64).prop_map(|number| Entry::DeleteToken(TokenId::from_u64(number))),
        Just(Entry::CreateNamespace(namespace("shop"))),
        Just(Entry::DeleteNamespace(namespace("shop"))),
    ]
}

fn app_name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["web", "db", "shop/web"]).prop_map(str::to_owned)
}

fn replica_name() -> impl Strategy<Value = String> {
    (app_name(), 0..3u32).prop_map(|(app, slot)| format!("{app}.{slot}-1"))
}

fn phase() -> impl Strategy<Value = Phase> {
    prop::sample::select(Phase::ALL)
}

fn a_replica() -> impl Strategy<Value = hm_model::Replica> {
    (replica_name(), prop::option::weighted(0.8, NODES), 1..3u64)
        .prop_map(|(name, node, revision)| of_revision(revision, replica(&name, node)))
}

fn about_apps() -> impl Strategy<Value = Entry> {
    let removed = || vec(replica_name().prop_map(|name| replica_id(&name)), 0..2);
    let deployed = (app_name(), 1..3u64, vec(a_replica(), 0..3), removed());
    prop_oneof![
        3 => deployed.prop_map(|(app, number, mut place, remove)| {
            place
                .iter_mut()
                .for_each(|replica| replica.id.app = key(&app));
            let deploy = hm_state::DeployApp {
                remove,
                ..deploy(&app, number, place)
            };
            Entry::DeployApp(Box::new(deploy))
        }),
        1 => app_name().prop_map(|app| Entry::DeleteApp(key(&app))),
        6 => vec(a_replica(), 1..3).prop_map(place),
        3 => removed().prop_map(|remove| Entry::PlaceReplicas {
            place: vec![],
            remove
        }),
    ]
}

fn envelope() -> impl Strategy<Value = Envelope> {
    let actor = prop_oneof![Just(None), NODES.prop_map(|number| Some(id(number)))];
    let request = prop::option::weighted(0.3, 0..6u128);
    let seconds = prop_oneof![9 => 0..60u64, 1 => 0..100_000u64];
    (
        entry(),
        actor,
        request,
        prop::option::weighted(0.1, 0..3u64),
        seconds,
    )
        .prop_map(
            |(entry, actor, request, expected_generation, seconds)| Envelope {
                format: FORMAT,
                request: request.map(RequestId::from_u128),
                actor: actor_for(&entry, actor),
                via: Via::Internal,
                time: START.saturating_add(Span::from_secs(seconds)),
                expected_generation,
                entry,
            },
        )
}

/// Reports mostly come from the node they are about.
fn actor_for(entry: &Entry, other: Option<NodeId>) -> Actor {
    match (entry, other) {
        (Entry::ReportReplicas { node, .. }, None) => Actor::Node(*node),
        (Entry::ReportNode(report), None) => Actor::Node(report.node),
        (_, Some(other)) => Actor::Node(other),
        (_, None) => Actor::CLUSTER,
    }
}

fn busy() -> Log {
    let mut log = Log::of_nodes(3);
    log.done(Entry::CreateNamespace(namespace("shop")));
    for app in ["web", "shop/web"] {
        log.done(Entry::DeployApp(Box::new(deploy(app, 1, vec![]))));
    }
    log
}

/// Most histories begin with a cluster in which something can happen.
fn history() -> impl Strategy<Value = (Log, Vec<Envelope>)> {
    let begin = prop_oneof![
        1 => Just(Log::empty()),
        9 => Just(busy()),
    ];
    (begin, vec(envelope(), 1..60))
}

fn check_index(state: &State) {
    for number in NODES {
        let said: BTreeSet<_> = state
            .replicas()
            .values()
            .filter(|replica| replica.node == Some(id(number)))
            .map(|replica| &replica.id)
            .collect();
        assert_eq!(state.replicas_on(id(number)).collect::<BTreeSet<_>>(), said);
    }
    for replica in state.replicas().values() {
        assert!(
            state
                .revisions()
                .contains(&(replica.id.app.clone(), replica.revision))
        );
        assert!(
            replica
                .node
                .is_none_or(|node| state.nodes().contains(&node))
        );
    }
    let names: BTreeSet<_> = state.nodes().values().map(|node| &node.name).collect();
    assert_eq!(names.len(), state.nodes().len(), "two nodes have one name");
    assert!(
        state
            .servers()
            .wanted
            .iter()
            .all(|server| state.nodes().contains(server))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// `Log::apply` also checks that a refused entry changes nothing.
    #[test]
    fn snapshots_make_no_difference((log, entries) in history(), restarts in vec(any::<bool>(), 60)) {
        let (mut straight, mut restarted) = (log.clone(), log);
        let mut time = Timestamp::default();
        for (entry, restart) in entries.iter().zip(restarts) {
            if restart {
                restarted.state = restored(&restarted.state);
            }
            let before = restarted.changes.len();
            prop_assert_eq!(straight.apply(entry), restarted.apply(entry));
            prop_assert_eq!(&straight.changes[before..], &restarted.changes[before..]);
            check_index(&straight.state);
            prop_assert!(straight.state.time() >= time);
            time = straight.state.time();
        }
        prop_assert_eq!(snapshot(&straight.state), snapshot(&restarted.state));
    }

    #[test]
    fn a_snapshot_is_of_the_moment_it_began((mut log, entries) in history(), at in 0..60usize) {
        let (before, after) = entries.split_at(at.min(entries.len()));
        before.iter().for_each(|entry| { log.apply(entry); });
        let expected = snapshot(&log.state);
        let mut writer = log.state.snapshot();
        after.iter().for_each(|entry| { log.apply(entry); });
        let written: Vec<u8> = std::iter::from_fn(|| writer.next_chunk()).flatten().collect();
        prop_assert_eq!(written, expected);
    }

    #[test]
    fn watchers_end_with_what_is_listed((mut log, entries) in history(), pauses in vec(any::<bool>(), 60)) {
        let mut sights = vec![Sight::Administrator];
        sights.extend(NODES.map(|number| Sight::Agent(id(number))));
        let watch = |state: &State| -> Vec<Watcher> { sights.iter().map(|sight| Watcher::new(state, *sight)).collect() };
        let (mut prompt, mut lagging) = (watch(&log.state), watch(&log.state));
        let (mut told, mut told_late) = (log.changes.len(), log.changes.len());
        for (entry, pause) in entries.iter().zip(pauses) {
            log.apply(entry);
            for watcher in &mut prompt {
                watcher.take_one_by_one(&log.state, &log.changes[told..]);
                watcher.assert_holds_what_is_listed(&log.state);
            }
            told = log.changes.len();
            if !pause {
                for watcher in &mut lagging {
                    watcher.take(&log.state, &log.changes[told_late..]);
                    watcher.assert_holds_what_is_listed(&log.state);
                }
                told_late = told;
            }
        }
    }
}
