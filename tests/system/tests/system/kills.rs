//! `kill -9` while it writes: what was acknowledged is there, and it always starts again.

use std::time::Duration;

use hm_system_tests::{Chance, Load, check};
use hm_testkit::{Cluster, Daemon, DaemonPlan, Namespace};

const SOON: Duration = Duration::from_secs(10);

#[test]
fn one_daemon_killed_200_times_loses_nothing() {
    const KILLS: u32 = 200;
    let namespace = Namespace::new().expect("a namespace");
    let mut daemon = Daemon::start(&namespace, DaemonPlan::alone("one")).expect("it starts");
    let load = Load::start(&[daemon.api()], 3);
    let mut chance = Chance::default();
    for kill in 1..=KILLS {
        if kill % 5 == 0 {
            // Now and then in the middle of a start.
            chance.linger(Duration::from_millis(60));
        } else {
            daemon
                .until_ready(SOON)
                .unwrap_or_else(|error| panic!("after kill {}: {error}", kill - 1));
            load.until_more(1, SOON)
                .unwrap_or_else(|error| panic!("after kill {}: {error}", kill - 1));
            chance.linger(Duration::from_millis(20));
        }
        daemon.kill().expect("killed");
        daemon.spawn().expect("it starts");
        if kill % 20 == 0 {
            check(&daemon.api(), &load.written());
        }
    }
    daemon.until_ready(SOON).expect("it answers");
    let written = load.stop();
    check(&daemon.api(), &written);
    assert!(
        written.len() >= KILLS as usize / 2,
        "only {} writes: this was no load",
        written.len()
    );
}

#[test]
fn three_daemons_killed_50_times_lose_nothing() {
    const KILLS: u32 = 50;
    let mut cluster = Cluster::start(3).expect("a cluster");
    let apis: Vec<_> = cluster.daemons().iter().map(Daemon::api).collect();
    let load = Load::start(&apis, 1);
    let mut chance = Chance::default();
    for _ in 0..KILLS {
        let victim = chance.index(3);
        cluster.daemon(victim).kill().expect("killed");
        // One in four stays down until the next kill: two of three can be gone at once.
        if chance.below(4) > 0 {
            cluster.daemon(victim).spawn().expect("it starts");
        }
        let mut running = 0;
        for number in 0..3 {
            running += u32::from(cluster.daemon(number).is_running());
        }
        if running < 2 {
            start_all(&mut cluster);
        }
        load.until_more(1, SOON).expect("a quorum goes on writing");
        chance.linger(Duration::from_millis(100));
    }
    start_all(&mut cluster);
    let written = load.stop();
    for daemon in cluster.daemons() {
        daemon.until_writable(SOON).expect("it is back");
        check(&daemon.api(), &written);
    }
    assert!(
        written.len() >= KILLS as usize,
        "only {} writes: this was no load",
        written.len()
    );
}

fn start_all(cluster: &mut Cluster) {
    for number in 0..3 {
        if !cluster.daemon(number).is_running() {
            cluster.daemon(number).spawn().expect("it starts");
        }
    }
}
