//! Three daemons: joining, losing the leader, being cut in two.

use std::time::{Duration, Instant};

use hm_system_tests::{Load, check};
use hm_testkit::{Api, Cluster, Daemon, until};
use serde_json::json;

const SOON: Duration = Duration::from_secs(10);

fn write(api: &Api) -> bool {
    let answer =
        api.clone()
            .within(Duration::from_secs(2))
            .call("POST", "/api/tokens", Some(&json!({})));
    answer.is_ok_and(|answer| answer.is_ok())
}

#[test]
fn nodes_join_by_token_and_all_see_the_same() {
    let cluster = Cluster::start(3).expect("a cluster");
    for daemon in cluster.daemons() {
        until("all three are ready", SOON, || {
            let nodes = daemon.api().get("/api/nodes").ok()?;
            let ready = nodes["items"]
                .as_array()?
                .iter()
                .filter(|node| node["state"] == "ready");
            (ready.count() == 3).then_some(())
        })
        .expect("they see each other");
    }
}

#[test]
fn a_wrong_token_lets_nobody_in() {
    let mut cluster = Cluster::start(1).expect("a cluster");
    let token = cluster
        .daemon(0)
        .api()
        .post("/api/tokens", &json!({}))
        .expect("a token");
    let token = token["token"].as_str().expect("a text").to_owned();
    // The last character changes: the secret is wrong, the rest is right.
    let last = token.chars().next_back().expect("not empty");
    let forged = format!(
        "{}{}",
        &token[..token.len() - last.len_utf8()],
        if last == 'a' { 'b' } else { 'a' }
    );
    let stranger = cluster.stranger("stranger", forged).expect("a plan");
    let refused = stranger
        .twin()
        .within(SOON)
        .finish()
        .expect("it ends by itself");
    assert_ne!(refused.code(), 0, "{}", refused.stderr);
    let nodes = cluster.daemon(0).api().get("/api/nodes").expect("nodes");
    assert_eq!(nodes["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_lost_leader_is_replaced_within_two_seconds() {
    let mut cluster = Cluster::start(3).expect("a cluster");
    for _ in 0..5 {
        let leader = cluster.leader(SOON).expect("a leader");
        let survivor = cluster.daemon((leader + 1) % 3).api();
        cluster.daemon(leader).kill().expect("killed");
        let began = Instant::now();
        until("writes succeed again", SOON, || {
            write(&survivor).then_some(())
        })
        .expect("a new leader");
        assert!(
            began.elapsed() < Duration::from_secs(2),
            "it took {:?}",
            began.elapsed()
        );
        cluster.daemon(leader).spawn().expect("it starts");
        cluster
            .daemon(leader)
            .until_writable(SOON)
            .expect("it is back");
    }
}

#[test]
fn a_leader_that_is_stopped_is_replaced_within_two_seconds() {
    let mut cluster = Cluster::start(3).expect("a cluster");
    let leader = cluster.leader(SOON).expect("a leader");
    let survivor = cluster.daemon((leader + 1) % 3).api();
    let began = Instant::now();
    cluster.daemon(leader).stop().expect("it ends");
    until("writes succeed again", SOON, || {
        write(&survivor).then_some(())
    })
    .expect("a new leader");
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "it took {:?}",
        began.elapsed()
    );
}

#[test]
fn a_leader_that_is_cut_off_refuses_and_comes_back() {
    let mut cluster = Cluster::start(3).expect("a cluster");
    let apis: Vec<_> = cluster.daemons().iter().map(Daemon::api).collect();
    let load = Load::start(&apis, 1);
    let alone = cluster.leader(SOON).expect("a leader");
    let other = (alone + 1) % 3;

    cluster.network().cut(alone).expect("a cut");
    until("the others go on", SOON, || {
        write(&apis[other]).then_some(())
    })
    .expect("a new leader");
    let token = cluster
        .daemon(alone)
        .command("hivemind-cluster")
        .expect("a command")
        .args(["token"])
        .within(SOON * 3);
    let refused = token.finish().expect("it ends");
    assert_eq!(refused.code(), 3, "{}{}", refused.stdout, refused.stderr);
    load.until_more(20, SOON).expect("the others go on");

    cluster.network().heal(alone).expect("healed");
    until("it can be written to again", SOON, || {
        write(&apis[alone]).then_some(())
    })
    .expect("it is back");
    let written = load.stop();
    for api in &apis {
        until("it has caught up", SOON, || write(api).then_some(())).expect("it is back");
        check(api, &written);
    }
}
