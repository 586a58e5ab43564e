//! Nodes: joining, reporting, being judged, being removed.

use std::collections::BTreeSet;

use hm_model::{EventKind, FeatureLevel, Node, NodeState, Span};
use hm_state::{Entry, FindNodeError, Kind, NodeReport, Refused, Verdict};

use crate::log::Log;
use crate::objects::{FOUNDER, deployed, id, join, node, replica};

fn verdict(number: u64, state: NodeState) -> Verdict {
    Verdict {
        node: id(number),
        state,
        reason: format!("said to be {state}"),
    }
}

fn judge(number: u64, state: NodeState) -> Entry {
    Entry::JudgeNodes(vec![verdict(number, state)])
}

fn report(number: u64) -> NodeReport {
    NodeReport {
        node: id(number),
        addresses: vec!["fd00::7".parse().unwrap()],
        api_port: 3001,
        gossip_port: 7947,
        version: "0.2.0".to_owned(),
        feature_level: FeatureLevel::new(2),
    }
}

fn last_event(log: &Log) -> (String, EventKind, String) {
    let event = log.state.events().values().last().unwrap();
    (event.reason.to_string(), event.kind, event.message.clone())
}

#[test]
fn a_node_joins_once() {
    let mut log = Log::founded();
    log.later(Span::from_secs(9));
    assert_eq!(log.generation(join(node(2))), 1);
    let joined = log.state.nodes().value(&id(2)).unwrap();
    assert_eq!((joined.joined_at, joined.state_since), (log.time, log.time));
    assert_eq!(last_event(&log).2, "the node joined as n2");
    let again = log.refused(join(node(2)));
    assert!(matches!(
        again,
        Refused::Exists {
            kind: Kind::Node,
            ..
        }
    ));
}

#[test]
fn names_of_nodes_are_unique() {
    let mut log = Log::of_nodes(2);
    let namesake = || Node::new(id(7), "n2".parse().unwrap());
    for state in [NodeState::Ready, NodeState::Suspect, NodeState::Down] {
        log.done(judge(2, state));
        let refused = log.refused(join(namesake()));
        assert!(matches!(refused, Refused::Exists { name, .. } if name == "n2"));
    }
    log.done(judge(2, NodeState::Left));
    log.done(join(namesake()));
    assert!(
        !log.state.nodes().contains(&id(2)),
        "the former owner is forgotten"
    );
    assert_eq!(log.state.find_node("n2").unwrap().id, id(7));
}

#[test]
fn a_name_stays_taken_while_its_owner_has_replicas_or_is_the_only_server() {
    let mut log = Log::of_nodes(2);
    log.done(deployed("web", 1, vec![replica("web.0-1", Some(2))]));
    log.done(judge(2, NodeState::Left));
    let refused = log.refused(join(Node::new(id(7), "n2".parse().unwrap())));
    assert!(matches!(refused, Refused::InUse { by, .. } if by == "replica web.0-1"));
    log.done(judge(1, NodeState::Left));
    let refused = log.refused(join(Node::new(id(7), "n1".parse().unwrap())));
    assert!(matches!(refused, Refused::InUse { .. }));
}

#[test]
fn a_node_reports_only_as_itself() {
    let mut log = Log::of_nodes(2);
    let entry = || Entry::ReportNode(Box::new(report(2)));
    assert_eq!(log.refused(entry()), Refused::NotYours);
    assert_eq!(
        log.refused_as(log.by_node(FOUNDER, entry())),
        Refused::NotYours
    );
    let stranger = Entry::ReportNode(Box::new(report(9)));
    let unknown = log.refused_as(log.by_node(id(9), stranger));
    assert!(matches!(
        unknown,
        Refused::NotFound {
            kind: Kind::Node,
            ..
        }
    ));

    log.changes.clear();
    log.done_as(log.by_node(id(2), entry()));
    log.done_as(log.by_node(id(2), entry()));
    assert_eq!(log.changes.len(), 1, "the same again is no change");
    let record = log.state.nodes().get(&id(2)).unwrap();
    assert_eq!(record.generation, 1, "a report is not a wanted change");
    let node = &record.value;
    assert_eq!(node.addresses, report(2).addresses);
    assert_eq!((node.api_port, node.gossip_port), (3001, 7947));
    assert_eq!(
        (node.version.as_str(), node.feature_level.get()),
        ("0.2.0", 2)
    );
}

#[test]
fn the_feature_level_is_the_lowest_of_all_that_belong() {
    let mut log = Log::of_nodes(2);
    log.done_as(log.by_node(id(2), Entry::ReportNode(Box::new(report(2)))));
    assert_eq!(log.state.feature_level().get(), 0);
    let founder = NodeReport {
        feature_level: FeatureLevel::new(3),
        ..report(1)
    };
    log.done_as(log.by_node(id(1), Entry::ReportNode(Box::new(founder))));
    assert_eq!(log.state.feature_level().get(), 2);
    log.done(judge(2, NodeState::Down));
    assert_eq!(
        log.state.feature_level().get(),
        2,
        "it may come back as it was"
    );
    log.done(judge(2, NodeState::Left));
    assert_eq!(log.state.feature_level().get(), 3);
}

#[test]
fn verdicts_are_told() {
    let mut log = Log::of_nodes(2);
    for (state, reason, kind) in [
        (NodeState::Suspect, "node-suspect", EventKind::Warning),
        (NodeState::Down, "node-down", EventKind::Warning),
        (NodeState::Ready, "node-ready", EventKind::Normal),
        (NodeState::Left, "node-left", EventKind::Normal),
    ] {
        log.later(Span::from_secs(1)).done(judge(2, state));
        let node = log.state.nodes().value(&id(2)).unwrap();
        assert_eq!((node.state, node.state_since), (state, log.time));
        let told = last_event(&log);
        assert_eq!(
            told,
            (reason.to_owned(), kind, format!("said to be {state}"))
        );
        let (since, events) = (log.time, log.state.events().len());
        log.later(Span::from_secs(1)).done(judge(2, state));
        let node = log.state.nodes().value(&id(2)).unwrap();
        assert_eq!(node.state_since, since, "the same again is no news");
        assert_eq!(log.state.events().len(), events);
    }
}

#[test]
fn verdicts_about_strangers_change_nothing_at_all() {
    let mut log = Log::of_nodes(2);
    let both = Entry::JudgeNodes(vec![
        verdict(2, NodeState::Down),
        verdict(9, NodeState::Down),
    ]);
    let refused = log.refused(both);
    assert!(matches!(
        refused,
        Refused::NotFound {
            kind: Kind::Node,
            ..
        }
    ));
}

#[test]
fn a_node_is_removed_when_it_is_not_needed() {
    let mut log = Log::of_nodes(3);
    log.done(deployed("web", 1, vec![replica("web.0-1", Some(2))]));
    let unknown = log.refused(Entry::RemoveNode(id(9)));
    assert!(matches!(
        unknown,
        Refused::NotFound {
            kind: Kind::Node,
            ..
        }
    ));
    let server = log.refused(Entry::RemoveNode(FOUNDER));
    assert!(matches!(server, Refused::InUse { by, .. } if by.contains("server")));
    let placed = log.refused(Entry::RemoveNode(id(2)));
    assert!(matches!(placed, Refused::InUse { by, .. } if by == "replica web.0-1"));
    let stale = log.refused_as(log.expecting(2, Entry::RemoveNode(id(3))));
    assert!(matches!(
        stale,
        Refused::GenerationMismatch {
            expected: 2,
            found: 1,
            ..
        }
    ));
    log.done_as(log.expecting(1, Entry::RemoveNode(id(3))));
    assert!(!log.state.nodes().contains(&id(3)));
    assert_eq!(last_event(&log).0, "node-removed");
}

#[test]
fn a_dead_server_can_be_removed() {
    let mut log = Log::of_nodes(3);
    let all = BTreeSet::from([id(1), id(2), id(3)]);
    log.done(Entry::ChooseServers(all.clone()));
    log.done(Entry::NoteVoters(all));
    log.refused(Entry::RemoveNode(id(3)));
    log.done(judge(3, NodeState::Down));
    log.done(Entry::RemoveNode(id(3)));
    assert_eq!(log.state.servers().wanted, BTreeSet::from([id(1), id(2)]));
    assert!(
        log.state.servers().voters.contains(&id(3)),
        "raft is still to be told"
    );
    log.done(Entry::NoteVoters(BTreeSet::from([id(1), id(2)])));
    log.done(Entry::ChooseServers(BTreeSet::from([id(1)])));
    log.done(judge(1, NodeState::Down));
    log.refused(Entry::RemoveNode(id(1)));
}

#[test]
fn nodes_are_found_by_what_people_type() {
    let mut log = Log::founded();
    for (number, name) in [
        (0xabc0_0000_0000_0000, "box"),
        (0xabc0_0000_0000_0001, "abc"),
    ] {
        log.done(join(Node::new(id(number), name.parse().unwrap())));
    }
    let whole = id(0xabc0_0000_0000_0000).to_string();
    let beginning = &whole[..4];
    assert_eq!(log.state.find_node(&whole).unwrap().name.as_str(), "box");
    assert_eq!(log.state.find_node("box").unwrap().name.as_str(), "box");
    assert_eq!(log.state.find_node("abc").unwrap().name.as_str(), "abc");
    let ambiguous = FindNodeError::Ambiguous(beginning.to_owned(), 2);
    assert_eq!(log.state.find_node(beginning).unwrap_err(), ambiguous);
    for unknown in ["", "n", &whole[..2], "nobody"] {
        let error = FindNodeError::Unknown(unknown.to_owned());
        assert_eq!(log.state.find_node(unknown).unwrap_err(), error);
    }
    log.done(Entry::RemoveNode(id(0xabc0_0000_0000_0001)));
    assert_eq!(log.state.find_node(beginning).unwrap().name.as_str(), "box");
}
