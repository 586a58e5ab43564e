//! The network is cut, in one direction or both, between halves, kinds or single machines.

use std::collections::BTreeSet;
use std::sync::Arc;

use hm_model::NodeId;

use super::any;
use crate::cluster::Cluster;
use crate::network::Weather;

pub(super) fn partition(cluster: &Arc<Cluster>) {
    let (here, there): (Vec<_>, Vec<_>) = ids(cluster)
        .into_iter()
        .partition(|_| cluster.chance().per_mille(500));
    cluster.trace().note(format_args!(
        "partition of {} and {}",
        here.len(),
        there.len()
    ));
    for a in &here {
        for b in &there {
            cut_both_ways(cluster, *a, *b);
        }
    }
}

/// A machine that can speak but not hear, or hear but not speak.
pub(super) fn cut_one_way(cluster: &Arc<Cluster>) {
    let place = any(cluster);
    let ids = ids(cluster);
    let deaf = cluster.chance().per_mille(500);
    let how = if deaf { "deaf" } else { "mute" };
    cluster
        .trace()
        .note(format_args!("machine {place} is {how}"));
    for other in ids.iter().filter(|id| **id != ids[place]) {
        if deaf {
            cluster.network().cut(*other, ids[place]);
        } else {
            cluster.network().cut(ids[place], *other);
        }
    }
}

/// Servers hear each other, and some agents hear none of them.
pub(super) fn cut_agents_off(cluster: &Arc<Cluster>) {
    let servers = servers(cluster);
    for id in ids(cluster) {
        if servers.contains(&id) || cluster.chance().per_mille(300) {
            continue;
        }
        cluster
            .trace()
            .note(format_args!("{id} is cut off from the servers"));
        for server in &servers {
            cut_both_ways(cluster, id, *server);
        }
    }
}

/// One server is cut off from the other servers, but not from the agents.
pub(super) fn cut_servers(cluster: &Arc<Cluster>) {
    let servers: Vec<NodeId> = servers(cluster).into_iter().collect();
    let Some(one) = cluster.chance().pick(&servers).copied() else {
        return;
    };
    cluster
        .trace()
        .note(format_args!("{one} is cut off from the other servers"));
    for other in servers.into_iter().filter(|other| *other != one) {
        cut_both_ways(cluster, one, other);
    }
}

pub(super) fn heal(cluster: &Arc<Cluster>) {
    cluster.trace().note("the network heals");
    cluster.network().heal_all();
}

pub(super) fn change_weather(cluster: &Arc<Cluster>) {
    let foul = cluster.chance().per_mille(500);
    cluster
        .trace()
        .note(if foul { "foul weather" } else { "fair weather" });
    cluster
        .network()
        .set_weather(if foul { Weather::FOUL } else { Weather::FAIR });
}

fn cut_both_ways(cluster: &Cluster, a: NodeId, b: NodeId) {
    cluster.network().cut(a, b);
    cluster.network().cut(b, a);
}

fn ids(cluster: &Cluster) -> Vec<NodeId> {
    cluster
        .machines()
        .iter()
        .map(|machine| machine.id)
        .collect()
}

fn servers(cluster: &Cluster) -> BTreeSet<NodeId> {
    cluster.cores().iter().map(|core| core.id()).collect()
}
