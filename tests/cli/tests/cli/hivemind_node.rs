//! `hivemind node`

use hm_api::ErrorCode;
use hm_api::node::{Node, NodeState};
use insta::assert_snapshot;

use crate::canned;
use crate::daemon::Reply;
use crate::stage::Stage;

#[test]
fn ls_shows_the_nodes_for_people_programs_and_scripts() {
    let stage = Stage::new();
    let daemon = stage.play(vec![
        ("GET /api/nodes", Reply::list(&canned::nodes())),
        (
            "GET /api/nodes?state=down",
            Reply::list(&canned::nodes()[2..3]),
        ),
    ]);
    assert_snapshot!(stage.transcript(&[
        "hivemind-node ls",
        "hivemind-node ls -q",
        "hivemind-node ls --state down",
        "hivemind-node ls --json",
        "hivemind-node ls --color always",
    ]));
    assert_eq!(daemon.heard()[2], "GET /api/nodes?state=down");
}

#[test]
fn ls_json_is_the_documented_array() {
    let stage = Stage::new();
    let _daemon = stage.play(vec![("GET /api/nodes", Reply::list(&canned::nodes()))]);
    let printed = stage.run("hivemind-node ls --json").stdout;
    let nodes: Vec<serde_json::Map<String, serde_json::Value>> =
        serde_json::from_str(&printed).expect("an array");
    let mut fields: Vec<&str> = nodes[0].keys().map(String::as_str).collect();
    fields.sort_unstable();
    let documented = [
        "address",
        "id",
        "labels",
        "leader",
        "name",
        "replicas",
        "role",
        "schedulable",
        "state",
    ];
    assert_eq!(fields, documented);
    assert_eq!(nodes.len(), 4);
}

#[test]
fn an_empty_list_is_done() {
    let stage = Stage::new();
    let _daemon = stage.play(vec![("GET /api/nodes", Reply::list(&[] as &[Node]))]);
    for (line, wanted) in [
        ("hivemind-node ls", ""),
        ("hivemind-node ls -q", ""),
        ("hivemind-node ls --json", "[]\n"),
    ] {
        let finished = stage.run(line);
        assert_eq!(
            (
                finished.code(),
                finished.stdout.as_str(),
                finished.stderr.as_str()
            ),
            (0, wanted, ""),
            "{line}"
        );
    }
}

#[test]
fn a_long_list_is_read_page_by_page() {
    let stage = Stage::new();
    let nodes = canned::nodes();
    let first = serde_json::json!({"items": nodes[..2], "revision": 7, "continue": "a&b"});
    let daemon = stage.play(vec![
        ("GET /api/nodes", Reply::json(&first)),
        ("GET /api/nodes?continue=a%26b", Reply::list(&nodes[2..])),
    ]);
    assert_eq!(
        stage.run("hivemind-node ls -q").stdout,
        "node-1\nnode-2\nnode-3.example.com\nnode-4\n"
    );
    assert_eq!(daemon.heard().len(), 2);
}

#[test]
fn info_takes_the_name_as_an_argument_and_as_a_flag() {
    let stage = Stage::new();
    let daemon = stage.play(vec![(
        "GET /api/nodes/node-1",
        Reply::json(&canned::node_detail()),
    )]);
    assert_snapshot!(stage.transcript(&["hivemind-node info node-1"]));
    assert_eq!(stage.run("hivemind-node info --node node-1").code(), 0);
    let json = stage.run("hivemind-node info node-1 --json").stdout;
    let detail: serde_json::Value = serde_json::from_str(&json).expect("an object");
    assert_eq!(
        (&detail["name"], &detail["taints"][0]["effect"]),
        (&"node-1".into(), &"no-schedule".into())
    );
    assert_eq!(daemon.heard(), ["GET /api/nodes/node-1"; 3]);
}

#[test]
fn what_cannot_be_shown_says_why() {
    let stage = Stage::new();
    let _daemon = stage.play(vec![
        (
            "GET /api/nodes/web",
            Reply::problem(ErrorCode::NotFound, "no node is called `web`"),
        ),
        (
            "GET /api/nodes/0",
            Reply::problem(ErrorCode::Conflict, "`0` begins the ids of 3 nodes"),
        ),
    ]);
    assert_snapshot!(stage.transcript(&[
        "hivemind-node info web",
        "hivemind-node info --node 0",
        "hivemind-node info web --json",
        "hivemind-node info",
        "hivemind-node info a --node b",
        "hivemind-node ls --state dead",
        "hivemind-node ls -q --json",
    ]));
}

#[test]
fn names_from_elsewhere_cannot_drive_the_terminal() {
    let stage = Stage::new();
    let evil = canned::node(
        1,
        "a\u{1b}[2J\nb",
        NodeState::Ready,
        hm_api::node::Role::Agent,
    );
    let _daemon = stage.play(vec![("GET /api/nodes", Reply::list(&[evil]))]);
    for line in ["hivemind-node ls", "hivemind-node ls -q"] {
        let printed = stage.run(line).stdout;
        assert!(
            printed.contains("a\\u{1b}[2J b") && !printed.contains('\u{1b}'),
            "{printed:?}"
        );
    }
}
