//! The bytes of format 1. Every later release must read them: to change what is written, add a file, never edit this one.

use std::collections::BTreeSet;
use std::fmt::Write;

use hm_model::{Actor, ClusterOptions, NodeState, Phase, RequestId, SettingKey, TokenId, Via};
use hm_state::{DeployApp, Entry, Envelope, NodeReport, State, Verdict};

use crate::log::{Log, snapshot};
use crate::objects::{
    create, create_token, deploy, id, join, key, namespace, node, place, replica, replica_id,
    report, token,
};

/// Lines of a name and hex digits.
const FORMAT_1: &str = include_str!("golden/format-1.txt");

fn entries() -> Vec<(&'static str, Entry)> {
    let servers = || BTreeSet::from([id(1), id(2)]);
    let node_report = NodeReport {
        node: id(1),
        addresses: vec!["10.0.0.1".parse().unwrap(), "fd00::1".parse().unwrap()],
        api_port: 3000,
        gossip_port: 7946,
        version: "0.1.0".to_owned(),
        feature_level: hm_state::FEATURE_LEVEL,
    };
    let verdict = Verdict {
        node: id(2),
        state: NodeState::Down,
        reason: "silent".to_owned(),
    };
    let deployed = DeployApp {
        remove: vec![replica_id("shop/web.0-0")],
        ..deploy("shop/web", 1, vec![replica("shop/web.0-1", Some(2))])
    };
    vec![
        ("create_cluster", create()),
        ("join_node", join(node(2))),
        ("report_node", Entry::ReportNode(Box::new(node_report))),
        ("judge_nodes", Entry::JudgeNodes(vec![verdict])),
        ("remove_node", Entry::RemoveNode(id(2))),
        ("choose_servers", Entry::ChooseServers(servers())),
        ("note_voters", Entry::NoteVoters(servers())),
        (
            "set_setting",
            Entry::SetSetting {
                key: SettingKey::IoWeight,
                value: "200".to_owned(),
            },
        ),
        ("unset_setting", Entry::UnsetSetting(SettingKey::IoWeight)),
        (
            "set_cluster_options",
            Entry::SetClusterOptions(ClusterOptions::default()),
        ),
        ("create_token", create_token(token(1, Some(3)))),
        ("delete_token", Entry::DeleteToken(TokenId::from_u64(1))),
        (
            "create_namespace",
            Entry::CreateNamespace(namespace("shop")),
        ),
        (
            "delete_namespace",
            Entry::DeleteNamespace(namespace("shop")),
        ),
        ("deploy_app", Entry::DeployApp(Box::new(deployed))),
        ("delete_app", Entry::DeleteApp(key("shop/web"))),
        (
            "place_replicas",
            Entry::PlaceReplicas {
                place: vec![replica("web.0-1", None)],
                remove: vec![replica_id("web.0-0")],
            },
        ),
        ("report_replicas", report(2, "web.0-1", Phase::Running)),
    ]
}

fn envelope(entry: Entry) -> Envelope {
    Envelope {
        request: Some(RequestId::from_u128(7)),
        actor: Actor::User("alice".parse().unwrap()),
        via: Via::Https,
        expected_generation: Some(1),
        ..Log::empty().envelope(entry)
    }
}

/// A state with at least one object in every table.
fn state() -> State {
    let mut log = Log::of_nodes(2);
    log.done(Entry::SetSetting {
        key: SettingKey::IoWeight,
        value: "200".to_owned(),
    });
    log.apply(&log.requested(7, Entry::CreateNamespace(namespace("shop"))));
    log.apply(&log.requested(8, Entry::CreateNamespace(namespace("shop"))));
    log.done(Entry::DeployApp(Box::new(deploy(
        "shop/web",
        1,
        vec![replica("shop/web.0-1", Some(2))],
    ))));
    log.done(place(vec![replica("shop/web.1-1", None)]));
    log.done_as(log.by_node(id(2), report(2, "shop/web.0-1", Phase::Running)));
    log.state
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn bytes(name: &str) -> Vec<u8> {
    let line = FORMAT_1
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let digits = line.unwrap_or_else(|| panic!("format-1.txt lacks {name}"));
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}

#[test]
fn this_build_writes_format_1() {
    let mut written = String::new();
    for (name, entry) in entries() {
        let _ = writeln!(written, "{name} {}", hex(&envelope(entry).to_bytes()));
    }
    let _ = writeln!(written, "snapshot {}", hex(&snapshot(&state())));
    assert!(written == FORMAT_1, "format-1.txt would be\n{written}");
}

#[test]
fn this_build_reads_the_entries_of_format_1() {
    for (name, entry) in entries() {
        assert_eq!(
            Envelope::from_bytes(&bytes(name)).unwrap(),
            envelope(entry),
            "{name}"
        );
    }
}

#[test]
fn this_build_reads_the_snapshot_of_format_1() {
    let read = State::restore(std::iter::once(bytes("snapshot"))).unwrap();
    assert!(read.vault() == state().vault());
    assert_eq!(snapshot(&read), snapshot(&state()));
}

#[test]
fn every_entry_has_its_line() {
    for (name, entry) in entries() {
        let value = ciborium::Value::serialized(&entry).unwrap();
        let tag = value.as_map().unwrap()[0].0.as_text().unwrap().to_owned();
        assert_eq!(tag, name);
    }
    assert_eq!(FORMAT_1.lines().count(), entries().len() + 1);
}
