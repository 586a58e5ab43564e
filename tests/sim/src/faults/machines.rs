//! Machines lose power, are paused, restart; their disks stall and fail; their clocks are set.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::any;
use crate::cluster::Cluster;
use crate::invariants::disks;

const MILLISECOND: Duration = Duration::from_millis(1);

pub(super) fn loses_power(cluster: &Arc<Cluster>) {
    lose_power(cluster, any(cluster), MILLISECOND..Duration::from_secs(8));
}

/// Long enough to be replaced as a server.
pub(super) fn loses_power_for_long(cluster: &Arc<Cluster>) {
    lose_power(
        cluster,
        any(cluster),
        Duration::from_secs(25)..Duration::from_secs(60),
    );
}

pub(super) fn several_lose_power(cluster: &Arc<Cluster>) {
    for place in 0..cluster.size() {
        if cluster.chance().per_mille(500) {
            lose_power(cluster, place, MILLISECOND..Duration::from_secs(8));
        }
    }
}

pub(super) fn all_lose_power(cluster: &Arc<Cluster>) {
    for place in 0..cluster.size() {
        lose_power(cluster, place, MILLISECOND..Duration::from_secs(4));
    }
}

fn lose_power(cluster: &Arc<Cluster>, place: usize, off: std::ops::Range<Duration>) {
    let off = cluster.chance().between(off.start, off.end);
    cluster
        .trace()
        .note(format_args!("machine {place} loses power for {off:?}"));
    cluster.lose_power(place);
    switch_on_later(cluster, place, off);
}

fn switch_on_later(cluster: &Arc<Cluster>, place: usize, off: Duration) {
    let cluster = cluster.clone();
    tokio::spawn(async move {
        sleep(off).await;
        if !cluster.machines()[place].is_up() {
            cluster
                .trace()
                .note(format_args!("machine {place} is switched on"));
            cluster.switch_on(place);
        }
    });
}

/// Only the process: what it wrote stays in the machine, synced or not.
pub(super) fn is_killed(cluster: &Arc<Cluster>) {
    let place = any(cluster);
    cluster
        .trace()
        .note(format_args!("the daemon of machine {place} is killed"));
    cluster.kill(place);
    switch_on_later(cluster, place, Duration::from_secs(1));
}

pub(super) fn restarts(cluster: &Arc<Cluster>) {
    let place = any(cluster);
    let off = cluster
        .chance()
        .between(Duration::from_millis(100), Duration::from_secs(5));
    cluster
        .trace()
        .note(format_args!("machine {place} is told to stop for {off:?}"));
    tokio::spawn(cluster.clone().restart(place, off));
}

pub(super) fn is_paused(cluster: &Arc<Cluster>) {
    pause(cluster, any(cluster), Duration::from_secs(6));
}

pub(super) fn leader_is_paused(cluster: &Arc<Cluster>) {
    if let Some(place) = cluster.leader() {
        pause(cluster, place, Duration::from_secs(15));
    }
}

fn pause(cluster: &Arc<Cluster>, place: usize, most: Duration) {
    let pause = cluster.chance().between(Duration::from_millis(100), most);
    cluster
        .trace()
        .note(format_args!("machine {place} is paused for {pause:?}"));
    let until = Instant::now() + pause;
    cluster.machines()[place].pause(until);
    let cluster = cluster.clone();
    tokio::spawn(async move {
        tokio::time::sleep_until(until).await;
        cluster.machines()[place].resume(until);
    });
}

pub(super) fn disk_stalls(cluster: &Arc<Cluster>) {
    let place = any(cluster);
    let stall = cluster
        .chance()
        .between(Duration::from_millis(10), Duration::from_secs(2));
    cluster
        .trace()
        .note(format_args!("disk {place} stalls {stall:?} each time"));
    cluster.machines()[place].hardware.stall(stall);
}

pub(super) fn disks_recover(cluster: &Arc<Cluster>) {
    for machine in cluster.machines().iter() {
        machine.hardware.stall(Duration::ZERO);
    }
}

pub(super) fn disk_fails(cluster: &Arc<Cluster>) {
    let place = any(cluster);
    let how_long = cluster
        .chance()
        .between(Duration::from_millis(100), Duration::from_secs(12));
    cluster
        .trace()
        .note(format_args!("disk {place} fails for {how_long:?}"));
    tokio::spawn(disks::fail_for_a_while(cluster.clone(), place, how_long));
}

pub(super) fn clock_jumps(cluster: &Arc<Cluster>) {
    const MOST_MICROS: u64 = 10_000_000;
    let place = any(cluster);
    let micros =
        i64::try_from(cluster.chance().below(2 * MOST_MICROS)).unwrap_or(0) - MOST_MICROS as i64;
    cluster.trace().note(format_args!(
        "the clock of machine {place} jumps by {} ms",
        micros / 1000
    ));
    cluster.machines()[place].clock.jump(micros);
}

/// No fault, but what comes with ten thousand entries: after it, a restart begins with the snapshot.
pub(super) fn snapshot_is_taken(cluster: &Arc<Cluster>) {
    let Some((core, scope)) = cluster.some_server() else {
        return;
    };
    cluster
        .trace()
        .note(format_args!("{} takes a snapshot", core.id()));
    tokio::spawn(scope.enter(async move {
        // It may be stopping.
        let _ = core.raft().snapshot_now().await;
    }));
}
