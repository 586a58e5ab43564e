//! One daemon: start, stop, and what it shares with others on the same machine (nothing).

use std::path::Path;
use std::time::{Duration, Instant};

use hm_testkit::{Daemon, DaemonPlan, Namespace};

const SOON: Duration = Duration::from_secs(10);

#[test]
fn it_answers_and_can_be_written_to_within_half_a_second() {
    let namespace = Namespace::new().expect("a namespace");
    let mut daemon = Daemon::prepare(&namespace, DaemonPlan::alone("one")).expect("a plan");
    for start in ["first", "second"] {
        let began = Instant::now();
        daemon.spawn().expect("it starts");
        daemon.until_ready(SOON).expect("it answers");
        daemon.until_writable(SOON).expect("it leads");
        let took = began.elapsed();
        assert!(
            took < Duration::from_millis(500),
            "the {start} start took {took:?}"
        );
        daemon.kill().expect("killed");
    }
}

#[test]
fn it_stops_when_asked_and_leaves_no_socket() {
    let namespace = Namespace::new().expect("a namespace");
    let mut daemon = Daemon::start(&namespace, DaemonPlan::alone("one")).expect("it starts");
    let began = Instant::now();
    let status = daemon.stop().expect("it ends");
    assert!(status.success(), "{status}\n{}", daemon.log());
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "it took {:?}",
        began.elapsed()
    );
    assert!(!daemon.socket().exists(), "the socket is still there");
}

#[test]
fn a_second_daemon_on_the_same_directory_is_refused() {
    let namespace = Namespace::new().expect("a namespace");
    let daemon = Daemon::start(&namespace, DaemonPlan::alone("one")).expect("it starts");
    let second = daemon
        .twin()
        .within(SOON)
        .finish()
        .expect("it ends by itself");
    assert_ne!(second.code(), 0);
    let data = daemon.home().data();
    assert!(
        second.stderr.contains(&data.display().to_string()),
        "it does not name {}: {}",
        data.display(),
        second.stderr
    );
    daemon.until_writable(SOON).expect("the first one goes on");
}

#[test]
fn daemons_in_two_namespaces_share_nothing() {
    let machine_wide =
        ["/run/hivemind", "/var/lib/hivemind"].map(|path| (path, Path::new(path).exists()));
    let (here, there) = (
        Namespace::new().expect("a namespace"),
        Namespace::new().expect("a namespace"),
    );
    let one = Daemon::start(&here, DaemonPlan::alone("one")).expect("it starts");
    let two = Daemon::start(&there, DaemonPlan::alone("two")).expect("it starts");
    for daemon in [&one, &two] {
        daemon.until_writable(SOON).expect("it leads");
        let nodes = daemon.api().get("/api/nodes").expect("nodes");
        let names: Vec<_> = nodes["items"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|node| node["name"].clone())
            .collect();
        assert_eq!(names, [daemon.name()]);
    }
    let id = |daemon: &Daemon| daemon.api().get("/api/cluster").expect("a cluster")["id"].clone();
    assert_ne!(id(&one), id(&two));
    for (path, existed) in machine_wide {
        assert_eq!(
            Path::new(path).exists(),
            existed,
            "{path} is shared by all daemons of the machine"
        );
    }
}

#[test]
fn commands_reach_the_daemon_they_are_told() {
    let namespace = Namespace::new().expect("a namespace");
    let mut daemon = Daemon::start(&namespace, DaemonPlan::alone("one")).expect("it starts");
    daemon.until_writable(SOON).expect("it leads");
    let listed = daemon
        .command("hivemind-node")
        .expect("a command")
        .args(["ls", "-q"])
        .ok()
        .expect("a list");
    assert_eq!(listed.stdout, "one\n");
    daemon.kill().expect("killed");
    let refused = daemon
        .command("hivemind-node")
        .expect("a command")
        .args(["ls"])
        .finish()
        .expect("it ends");
    assert_eq!(refused.code(), 3, "{}", refused.stderr);
}
