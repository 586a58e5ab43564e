//! A wrong configuration stops the start, and the message says which line.

use std::time::Duration;

use hm_testkit::{Daemon, DaemonPlan, Finished, Namespace};

const SOON: Duration = Duration::from_secs(10);

fn refused(config: &str) -> (Daemon, Finished) {
    let namespace = Namespace::new().expect("a namespace");
    let plan = DaemonPlan {
        config: Some(config.to_owned()),
        ..DaemonPlan::alone("one")
    };
    let daemon = Daemon::prepare(&namespace, plan).expect("a plan");
    let finished = daemon
        .twin()
        .within(SOON)
        .finish()
        .expect("it ends by itself");
    (daemon, finished)
}

fn names(config: &str, line: u32, word: &str) {
    let (daemon, finished) = refused(config);
    assert_ne!(finished.code(), 0, "it started");
    let place = format!(
        "{}, line {line}",
        daemon.home().path().join("config.toml").display()
    );
    assert!(
        finished.stderr.contains(&place),
        "`{place}` is not in: {}",
        finished.stderr
    );
    assert!(
        finished.stderr.contains(word),
        "`{word}` is not in: {}",
        finished.stderr
    );
}

#[test]
fn an_unknown_key_is_named_with_file_and_line() {
    names(
        "[cluster]\nname = \"test\"\ngossip_intervall = 1\n",
        3,
        "gossip_intervall",
    );
}

#[test]
fn a_bad_value_is_named_with_file_and_line() {
    names(
        "[cluster]\n\n\nfailure_threshold = 0\n",
        4,
        "failure_threshold",
    );
}

#[test]
fn what_is_not_toml_is_named_with_file_and_line() {
    names("[cluster]\nname = = 1\n", 2, "");
}

#[test]
fn the_keys_of_the_guide_are_taken() {
    let namespace = Namespace::new().expect("a namespace");
    let config = "[cluster]\nname = \"production-cluster\"\njoin_timeout = 60\ngossip_interval = 1\nfailure_threshold = 3\n";
    let plan = DaemonPlan {
        config: Some(config.to_owned()),
        ..DaemonPlan::alone("one")
    };
    let daemon = Daemon::start(&namespace, plan).expect("it starts");
    daemon.until_writable(SOON).expect("it leads");
    assert_eq!(
        daemon.api().get("/api/cluster").expect("a cluster")["name"],
        "production-cluster"
    );
}
