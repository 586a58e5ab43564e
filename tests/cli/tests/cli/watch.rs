//! `--watch`: changes as they come, reconnects, Ctrl-C.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::ChildStdout;
use std::sync::mpsc;

use hm_api::ErrorCode;
use hm_api::node::{Node, NodeState};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::canned;
use crate::daemon::Reply;
use crate::stage::{Running, Stage};

const WATCH: &str = "GET /api/watch?kinds=node";

fn put(revision: u64, node: &Node) -> String {
    let line = json!({"change": "put", "revision": revision, "kind": "node", "key": node.id, "object": node});
    format!("{line}\n")
}

fn bookmark(revision: u64) -> String {
    format!("{}\n", json!({"change": "bookmark", "revision": revision}))
}

fn lines_of(running: &mut Running) -> BufReader<ChildStdout> {
    BufReader::new(running.0.stdout.take().expect("a pipe"))
}

fn line(lines: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    lines.read_line(&mut line).expect("text");
    line
}

#[test]
fn changes_are_told_one_a_line_and_the_watch_outlives_the_connection() {
    let stage = Stage::new();
    let (first, pieces) = mpsc::channel();
    let (second, more_pieces) = mpsc::channel();
    let daemon = stage.play(vec![
        (WATCH, Reply::Stream(pieces)),
        (
            "GET /api/watch?from=8&kinds=node",
            Reply::problem(ErrorCode::Unavailable, "starting"),
        ),
        (
            "GET /api/watch?from=8&kinds=node",
            Reply::Stream(more_pieces),
        ),
    ]);
    let mut running = stage.start("hivemind-node ls --watch --json");
    let mut lines = lines_of(&mut running);
    let mut nodes = canned::nodes();
    let send = |to: &mpsc::Sender<String>, text: String| to.send(text).expect("a listener");

    send(&first, put(5, &nodes[0]));
    send(&first, format!("{}{}", put(5, &nodes[1]), bookmark(7)));
    for node in &nodes[..2] {
        assert_eq!(
            serde_json::from_str::<Node>(&line(&mut lines)).expect("a node"),
            *node
        );
    }
    nodes[1].state = NodeState::Down;
    send(&first, put(8, &nodes[1]));
    assert_eq!(
        serde_json::from_str::<Node>(&line(&mut lines)).expect("a node"),
        nodes[1]
    );

    // The connection breaks in the middle of a line: it is told again.
    send(&first, "{\"change\":".to_owned());
    drop(first);
    // What is known already is not told twice; what is new is.
    send(&second, put(8, &nodes[1]));
    let gone = json!({"change": "delete", "revision": 9, "kind": "node", "key": nodes[1].id});
    send(&second, format!("{gone}\n"));
    assert_eq!(
        line(&mut lines),
        "{\"id\":\"0000000000002\",\"name\":\"node-2\",\"removed\":true}\n"
    );
    assert_eq!(daemon.heard().len(), 3);
}

#[test]
fn off_a_terminal_changes_are_rows_below_the_table() {
    let stage = Stage::new();
    let (sender, pieces) = mpsc::channel();
    let _daemon = stage.play(vec![(WATCH, Reply::Stream(pieces))]);
    let mut running = stage.start("hivemind-node ls --watch --state ready");
    let mut lines = lines_of(&mut running);
    let mut nodes = canned::nodes();
    let all: String = nodes.iter().map(|node| put(5, node)).collect();
    sender.send(all + &bookmark(7)).expect("a listener");
    assert!(line(&mut lines).starts_with("NAME"));
    assert!(line(&mut lines).starts_with("node-1  ready"));
    assert!(line(&mut lines).starts_with("node-4  ready, unschedulable"));
    // One that does not concern us, then one that leaves the wanted state.
    nodes[1].state = NodeState::Down;
    nodes[0].state = NodeState::Suspect;
    sender
        .send(put(8, &nodes[1]) + &put(9, &nodes[0]))
        .expect("a listener");
    let row = line(&mut lines);
    assert!(
        row.starts_with("node-1") && row.contains("suspect"),
        "{row}"
    );
}

#[test]
fn ctrl_c_ends_it_quietly() {
    let stage = Stage::new();
    let (sender, pieces) = mpsc::channel();
    let _daemon = stage.play(vec![(WATCH, Reply::Stream(pieces))]);
    let mut running = stage.start("hivemind node ls --watch -q");
    let mut lines = lines_of(&mut running);
    sender
        .send(put(5, &canned::nodes()[0]) + &bookmark(7))
        .expect("a listener");
    assert_eq!(line(&mut lines), "node-1\n");
    // The dispatcher has become the command: one process, one signal.
    kill_process(Pid::from_child(&running.0), Signal::INT).expect("our child");
    let status = running.0.wait().expect("an end");
    let mut said = String::new();
    running
        .0
        .stderr
        .take()
        .expect("a pipe")
        .read_to_string(&mut said)
        .expect("text");
    // A shell shows 128 + 2 = 130.
    assert_eq!((status.signal(), said.as_str()), (Some(2), ""));
}

#[test]
fn a_watch_that_is_refused_is_an_error() {
    let stage = Stage::new();
    let _daemon = stage.play(vec![(
        WATCH,
        Reply::problem(ErrorCode::Forbidden, "reading nodes is not allowed"),
    )]);
    let finished = stage.run("hivemind-node ls --watch");
    assert_eq!(
        (finished.code(), finished.stderr.as_str()),
        (5, "error: reading nodes is not allowed\n")
    );
}

#[test]
fn a_stream_that_only_ends_in_an_error_is_not_tried_forever() {
    let stage = Stage::new();
    let (sender, pieces) = mpsc::channel();
    let problem = hm_api::Problem::new(ErrorCode::Internal, "broken");
    sender
        .send(format!(
            "{}\n",
            json!({"change": "error", "problem": problem})
        ))
        .expect("a listener");
    drop(sender);
    let _daemon = stage.play(vec![(WATCH, Reply::Stream(pieces))]);
    let finished = stage.run("hivemind-node ls --watch");
    assert_eq!(
        (finished.code(), finished.stderr.as_str()),
        (1, "error: broken\n")
    );
}

#[test]
fn cluster_status_tells_when_something_has_changed() {
    let stage = Stage::new();
    let mut later = canned::cluster(3, true);
    later.revision = 43;
    let _daemon = stage.play(vec![
        ("GET /api/cluster", Reply::json(&canned::cluster(3, true))),
        ("GET /api/cluster", Reply::json(&later)),
        // A daemon that restarts.
        ("GET /api/cluster", Reply::Hangup),
        ("GET /api/cluster", Reply::json(&canned::cluster(1, false))),
        ("GET /api/nodes", Reply::list(&canned::nodes())),
    ]);
    let mut running = stage.start("hivemind-cluster status --watch --json");
    let mut lines = lines_of(&mut running);
    let alive = |line: String| {
        let status: serde_json::Value = serde_json::from_str(&line).expect("an object");
        status["quorum"]["alive"].as_u64()
    };
    // The second answer differs in its revision only.
    assert_eq!(
        (alive(line(&mut lines)), alive(line(&mut lines))),
        (Some(3), Some(1))
    );
}
