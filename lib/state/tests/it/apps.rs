//! Apps, revisions and replicas: deployed, placed, reported on, deleted.

use hm_model::{ObjectKey, Phase, RevisionNumber};
use hm_state::{DeployApp, Entry, Kind, Refused, ReplicaReport, State};

use crate::log::Log;
use crate::objects::{
    deploy, deployed, id, key, of_revision, place, remove, replica, replica_id, report, revision,
};

fn on(state: &State, node: u64) -> Vec<String> {
    state
        .replicas_on(id(node))
        .map(ToString::to_string)
        .collect()
}

fn of(state: &State, app: &str) -> Vec<String> {
    state
        .replicas_of(&key(app))
        .map(|(id, _)| id.to_string())
        .collect()
}

fn revisions(state: &State, app: &str) -> Vec<u64> {
    state
        .revisions_of(&key(app))
        .map(|(number, _)| number.get())
        .collect()
}

/// Two nodes, `web` with a replica on each, `api` with one on the first.
fn running() -> Log {
    let mut log = Log::of_nodes(2);
    let web = vec![replica("web.0-1", Some(1)), replica("web.1-2", Some(2))];
    log.done(deployed("web", 1, web));
    log.done(deployed("api", 1, vec![replica("api.0-1", Some(1))]));
    log
}

#[test]
fn a_deploy_is_one_entry() {
    let log = running();
    assert_eq!(on(&log.state, 1), ["api.0-1", "web.0-1"]);
    assert_eq!(on(&log.state, 2), ["web.1-2"]);
    assert_eq!(of(&log.state, "web"), ["web.0-1", "web.1-2"]);
    assert_eq!(revisions(&log.state, "web"), [1]);
    assert_eq!(log.state.apps().get(&key("web")).unwrap().generation, 1);
}

#[test]
fn a_next_revision_moves_replicas_in_the_same_entry() {
    let mut log = running();
    let next = DeployApp {
        remove: vec![replica_id("web.0-1")],
        ..deploy("web", 2, vec![of_revision(2, replica("web.0-3", Some(2)))])
    };
    let stale = log.expecting(0, Entry::DeployApp(Box::new(next.clone())));
    assert!(matches!(
        log.refused_as(stale),
        Refused::GenerationMismatch {
            expected: 0,
            found: 1,
            ..
        }
    ));
    let done = log.done_as(log.expecting(1, Entry::DeployApp(Box::new(next))));
    assert_eq!(done.generation, Some(2));
    assert_eq!(revisions(&log.state, "web"), [1, 2]);
    assert_eq!(of(&log.state, "web"), ["web.0-3", "web.1-2"]);
    assert_eq!(on(&log.state, 2), ["web.0-3", "web.1-2"]);
}

#[test]
fn a_deploy_must_fit_together() {
    let mut log = running();
    let fine = || deploy("web", 2, vec![of_revision(2, replica("web.2-9", Some(1)))]);
    let change = |change: fn(&mut DeployApp)| {
        let mut deploy = fine();
        change(&mut deploy);
        Entry::DeployApp(Box::new(deploy))
    };
    let cases: [(&str, Entry); 10] = [
        (
            "a namespace that is not there",
            deployed("shop/web", 1, vec![]),
        ),
        (
            "a revision of something else",
            change(|it| it.revision.app = key("api")),
        ),
        (
            "another revision than the app's",
            change(|it| it.app.revision = RevisionNumber::new(3)),
        ),
        ("a revision that is there", deployed("web", 1, vec![])),
        (
            "a replica of something else",
            change(|it| it.place[0].id.app = key("api")),
        ),
        (
            "a removal of something else",
            change(|it| it.remove = vec![replica_id("api.0-1")]),
        ),
        (
            "a removal of nothing",
            change(|it| it.remove = vec![replica_id("web.9-9")]),
        ),
        (
            "a node that is not there",
            change(|it| it.place[0].node = Some(id(9))),
        ),
        (
            "a replica that is there",
            change(|it| it.place[0].id = replica_id("web.0-1")),
        ),
        (
            "the same replica twice",
            change(|it| it.place.push(it.place[0].clone())),
        ),
    ];
    for (what, entry) in cases {
        let refused = log.refused(entry);
        let fits = matches!(
            refused,
            Refused::NotFound { .. } | Refused::Exists { .. } | Refused::Invalid { .. }
        );
        assert!(fits, "{what}: {refused:?}");
    }
    let unknown_revision = change(|it| it.place[0].revision = RevisionNumber::new(5));
    assert!(matches!(
        log.refused(unknown_revision),
        Refused::NotFound {
            kind: Kind::Revision,
            ..
        }
    ));
    log.done(Entry::DeployApp(Box::new(fine())));
}

#[test]
fn revisions_only_go_up() {
    let mut log = Log::founded();
    log.done(deployed("web", 3, vec![]));
    let refused = log.refused(deployed("web", 2, vec![]));
    assert_eq!(
        refused.to_string(),
        "app `web`: its revision is older than the latest"
    );
    log.done(deployed("web", 4, vec![]));
    assert_eq!(revisions(&log.state, "web"), [3, 4]);
}

#[test]
fn replicas_are_placed_and_removed() {
    let mut log = running();
    log.done(place(vec![
        replica("web.2-3", Some(2)),
        replica("web.3-4", None),
    ]));
    assert_eq!(
        of(&log.state, "web"),
        ["web.0-1", "web.1-2", "web.2-3", "web.3-4"]
    );
    assert_eq!(on(&log.state, 2), ["web.1-2", "web.2-3"]);
    log.done(remove(&["web.1-2", "web.2-3", "web.3-4"]));
    assert_eq!(of(&log.state, "web"), ["web.0-1"]);
    assert_eq!(on(&log.state, 2), Vec::<String>::new());
    // It may come back elsewhere.
    log.done(place(vec![replica("web.1-2", Some(1))]));
    assert_eq!(on(&log.state, 1), ["api.0-1", "web.0-1", "web.1-2"]);
}

#[test]
fn a_wrong_placement_places_nothing() {
    let mut log = running();
    let new = || replica("web.2-3", Some(2));
    for (what, wrong) in [
        ("it is there", replica("web.0-1", Some(1))),
        ("it is named twice", new()),
        ("no such node", replica("web.4-4", Some(9))),
        (
            "no such revision",
            of_revision(7, replica("web.4-4", Some(1))),
        ),
        ("no such app", replica("db.0-1", Some(1))),
    ] {
        let refused = log.refused(place(vec![new(), wrong]));
        assert!(
            matches!(refused, Refused::Exists { .. } | Refused::NotFound { .. }),
            "{what}"
        );
    }
    let unknown = log.refused(remove(&["web.0-1", "web.9-9"]));
    assert!(
        matches!(unknown, Refused::NotFound { kind: Kind::Replica, name } if name == "web.9-9")
    );
}

#[test]
fn an_app_goes_with_everything_it_has() {
    let mut log = running();
    log.done(deployed("web", 2, vec![]));
    let unknown = log.refused(Entry::DeleteApp(key("db")));
    assert!(matches!(
        unknown,
        Refused::NotFound {
            kind: Kind::App,
            ..
        }
    ));
    let stale = log.refused_as(log.expecting(1, Entry::DeleteApp(key("web"))));
    assert!(matches!(
        stale,
        Refused::GenerationMismatch {
            expected: 1,
            found: 2,
            ..
        }
    ));
    log.done_as(log.expecting(2, Entry::DeleteApp(key("web"))));
    assert!(!log.state.apps().contains(&key("web")));
    assert_eq!(revisions(&log.state, "web"), [0; 0]);
    assert_eq!(of(&log.state, "web"), Vec::<String>::new());
    assert_eq!(
        (on(&log.state, 1), on(&log.state, 2)),
        (vec!["api.0-1".to_owned()], vec![])
    );
    // A new app of the same name begins anew.
    log.done(deployed("web", 1, vec![]));
    assert_eq!(log.state.apps().get(&key("web")).unwrap().generation, 1);
}

#[test]
fn a_node_reports_on_its_own_replicas() {
    let mut log = running();
    let phase = |log: &Log, id: &str| {
        log.state
            .replicas()
            .value(&replica_id(id))
            .unwrap()
            .status
            .phase
    };
    let as_other = log.by_node(id(2), report(1, "web.0-1", Phase::Running));
    assert_eq!(log.refused_as(as_other), Refused::NotYours);
    assert_eq!(
        log.refused(report(1, "web.0-1", Phase::Running)),
        Refused::NotYours
    );

    log.changes.clear();
    log.done_as(log.by_node(id(1), report(1, "web.0-1", Phase::Running)));
    log.done_as(log.by_node(id(1), report(1, "web.0-1", Phase::Running)));
    assert_eq!(phase(&log, "web.0-1"), Phase::Running);
    assert_eq!(log.changes.len(), 1, "the same again is no change");
    let record = log.state.replicas().get(&replica_id("web.0-1")).unwrap();
    assert_eq!(record.generation, 1, "a report is not a wanted change");

    // What is not its own, or not there any more, is left alone; the rest counts.
    let status = |phase| hm_model::ReplicaStatus {
        phase,
        ..Default::default()
    };
    let mixed = Entry::ReportReplicas {
        node: id(1),
        reports: ["web.1-2", "web.9-9", "api.0-1"]
            .map(|id| ReplicaReport {
                replica: replica_id(id),
                status: status(Phase::Failed),
            })
            .to_vec(),
    };
    log.done_as(log.by_node(id(1), mixed));
    assert_eq!(phase(&log, "web.1-2"), Phase::Pending);
    assert_eq!(phase(&log, "api.0-1"), Phase::Failed);
}

#[test]
fn apps_with_similar_names_are_told_apart() {
    let mut log = Log::founded();
    for app in ["a", "a-b", "ab"] {
        log.done(deployed(
            app,
            1,
            vec![replica(&format!("{app}.0-1"), Some(1))],
        ));
    }
    log.done(Entry::DeleteApp(key("a")));
    let left: Vec<&ObjectKey> = log
        .state
        .revisions()
        .values()
        .map(|revision| &revision.app)
        .collect();
    assert_eq!(left, [&key("a-b"), &key("ab")]);
    assert_eq!(on(&log.state, 1), ["a-b.0-1", "ab.0-1"]);
    assert_eq!(revision("a", 1).unpinned(), None);
}
