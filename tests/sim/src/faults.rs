//! What goes wrong in a run: drawn from its chance, one thing after the other, often several at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::cluster::Cluster;
use crate::network::Weather;
use crate::trace::Trace;

/// Makes trouble until `until`.
pub(crate) async fn trouble(cluster: &Arc<Cluster>, trace: &Trace, until: Instant) {
    while Instant::now() < until {
        once(cluster, trace);
        sleep(
            cluster
                .chance()
                .between(Duration::from_millis(50), Duration::from_secs(3)),
        )
        .await;
    }
}

/// Ends all trouble and starts whatever is down.
pub(crate) fn heal(cluster: &Arc<Cluster>, trace: &Trace) {
    trace.note("healed");
    cluster.network().heal_all();
    cluster.network().set_weather(Weather::FAIR);
    let size = cluster.machines().len();
    for place in 0..size {
        let up = {
            let machines = cluster.machines();
            machines[place].stall_disk(Duration::ZERO);
            machines[place].resume();
            machines[place].is_up() && !has_failed(&machines[place])
        };
        if !up {
            cluster.start(place);
        }
    }
}

/// A daemon that ended by itself, or never came up, is started again by its init system.
fn has_failed(machine: &crate::machine::Machine) -> bool {
    machine
        .node()
        .is_none_or(|node| node.failed().borrow().is_some())
}

fn once(cluster: &Arc<Cluster>, trace: &Trace) {
    let chance = cluster.chance();
    let size = cluster.machines().len();
    let place = chance.below(size as u64) as usize;
    match chance.below(12) {
        0..=2 => crash(cluster, trace, place),
        3..=4 => pause(cluster, trace, place),
        5..=6 => partition(cluster, trace),
        7 => cut_one_way(cluster, trace, place),
        8 => {
            trace.note("the network heals");
            cluster.network().heal_all();
        }
        9 => {
            let foul = chance.per_mille(500);
            trace.note(if foul { "foul weather" } else { "fair weather" });
            cluster
                .network()
                .set_weather(if foul { Weather::FOUL } else { Weather::FAIR });
        }
        10 => {
            let stall = chance.between(Duration::from_millis(10), Duration::from_secs(2));
            trace.note(format_args!("disk {place} stalls {stall:?}"));
            cluster.machines()[place].stall_disk(stall);
        }
        _ => {
            for machine in cluster.machines().iter() {
                machine.stall_disk(Duration::ZERO);
            }
        }
    }
}

fn crash(cluster: &Arc<Cluster>, trace: &Trace, place: usize) {
    trace.note(format_args!("machine {place} crashes"));
    cluster.machines()[place].crash();
    let back = cluster
        .chance()
        .between(Duration::from_millis(1), Duration::from_secs(8));
    let (cluster, trace) = (cluster.clone(), trace.clone());
    tokio::spawn(async move {
        sleep(back).await;
        if !cluster.machines()[place].is_up() {
            trace.note(format_args!("machine {place} is back"));
            cluster.start(place);
        }
    });
}

fn pause(cluster: &Arc<Cluster>, trace: &Trace, place: usize) {
    let pause = cluster
        .chance()
        .between(Duration::from_millis(100), Duration::from_secs(6));
    trace.note(format_args!("machine {place} is paused for {pause:?}"));
    let scope = cluster.machines()[place].scope();
    let Some(scope) = scope else { return };
    scope.pause();
    tokio::spawn(async move {
        sleep(pause).await;
        scope.resume();
    });
}

fn partition(cluster: &Arc<Cluster>, trace: &Trace) {
    let ids: Vec<_> = cluster
        .machines()
        .iter()
        .map(|machine| machine.id)
        .collect();
    let (here, there): (Vec<_>, Vec<_>) = ids
        .into_iter()
        .partition(|_| cluster.chance().per_mille(500));
    trace.note(format_args!(
        "partition of {} and {}",
        here.len(),
        there.len()
    ));
    for a in &here {
        for b in &there {
            cluster.network().cut(*a, *b);
            cluster.network().cut(*b, *a);
        }
    }
}

/// A machine that can speak but not hear, or hear but not speak.
fn cut_one_way(cluster: &Arc<Cluster>, trace: &Trace, place: usize) {
    let ids: Vec<_> = cluster
        .machines()
        .iter()
        .map(|machine| machine.id)
        .collect();
    let deaf = cluster.chance().per_mille(500);
    trace.note(format_args!(
        "machine {place} is {}",
        if deaf { "deaf" } else { "mute" }
    ));
    for other in ids.iter().filter(|id| **id != ids[place]) {
        if deaf {
            cluster.network().cut(*other, ids[place]);
        } else {
            cluster.network().cut(ids[place], *other);
        }
    }
}
