//! After all trouble a cluster is whole again: everyone runs and is ready, the right number votes, and all know the same.

use std::collections::BTreeSet;

use hm_model::{NodeId, NodeState};
use hm_server::Core;

use super::views;
use crate::cluster::Cluster;

/// What is still missing.
pub(crate) fn check(cluster: &Cluster) -> Result<(), String> {
    let size = cluster.size();
    let running = cluster.nodes().len();
    if running != size {
        return Err(format!("{running} of {size} daemons run"));
    }
    let cores = cluster.cores();
    let wanted = hm_control::wanted_count(size);
    if cores.len() != wanted {
        return Err(format!("{} servers, not {wanted}", cores.len()));
    }
    let leaders: BTreeSet<Option<NodeId>> = cores
        .iter()
        .map(|core| core.raft().status().borrow().leader)
        .collect();
    if leaders.len() != 1 || leaders.contains(&None) {
        return Err(format!("the servers follow {leaders:?}"));
    }
    let revisions: BTreeSet<u64> = cores
        .iter()
        .map(|core| core.store().state().revision())
        .collect();
    if revisions.len() != 1 {
        return Err(format!("the servers are at {revisions:?}"));
    }
    cores.iter().try_for_each(|core| check_server(core, size))?;
    let Some(core) = cores.first() else {
        return Err("no server".to_owned());
    };
    match views::first_wrong(cluster, &core.store().state()) {
        Some(wrong) => Err(wrong),
        None => Ok(()),
    }
}

fn check_server(core: &Core, size: usize) -> Result<(), String> {
    let state = core.store().state();
    if let Some(node) = state
        .nodes()
        .values()
        .find(|node| node.state != NodeState::Ready)
    {
        return Err(format!("node {} is {}", node.name, node.state));
    }
    if state.nodes().len() != size {
        return Err(format!("{} of {size} nodes are known", state.nodes().len()));
    }
    let servers = state.servers();
    if servers.wanted != servers.voters || servers.voters.len() != hm_control::wanted_count(size) {
        return Err(format!("the servers are still changing: {servers:?}"));
    }
    let voters = core.raft().status().borrow().voters.clone();
    if voters != servers.voters {
        return Err(format!("{} knows the voters {voters:?}", core.id()));
    }
    Ok(())
}
