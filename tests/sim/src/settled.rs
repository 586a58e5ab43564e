//! What a healthy cluster looks like, and that the acknowledged is in it.

use std::collections::BTreeSet;

use hm_model::{NodeId, NodeState};

use crate::cluster::Cluster;
use crate::trace::Trace;
use crate::writer::Ledger;

/// Everyone is up and ready, the right number votes, all servers hold the same and all agents know it.
pub(crate) fn check(cluster: &Cluster) -> Result<(), String> {
    let size = cluster.machines().len();
    let nodes = cluster.nodes();
    if nodes.len() != size {
        return Err(format!("{} of {size} daemons run", nodes.len()));
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
    let views: BTreeSet<u64> = nodes
        .iter()
        .map(|node| node.view().borrow().revision)
        .collect();
    let Some(core) = cores.first() else {
        return Err("no server".to_owned());
    };
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
    if servers.wanted != servers.voters || servers.voters.len() != wanted {
        return Err(format!("the servers are still changing: {servers:?}"));
    }
    for core in &cores {
        let voters = core.raft().status().borrow().voters.clone();
        if voters != servers.voters {
            return Err(format!("{} knows the voters {voters:?}", core.id()));
        }
    }
    if revisions.len() != 1 {
        return Err(format!("the servers are at {revisions:?}"));
    }
    // An agent need not see every revision, but it never sees one that is not.
    match views.last() {
        Some(last) if last <= &state.revision() => Ok(()),
        last => Err(format!(
            "an agent is at {last:?}, the servers are at {}",
            state.revision()
        )),
    }
}

/// The same bytes on every server, and every acknowledged write in them.
pub(crate) fn compare(cluster: &Cluster, ledger: &Ledger, trace: &Trace) {
    let mut first: Option<(NodeId, Vec<Vec<u8>>)> = None;
    for core in cluster.cores() {
        let state = core.store().state();
        for (name, revision) in ledger.acknowledged() {
            if !state.namespaces().contains(&name) {
                trace.violated(format_args!(
                    "{name}, acknowledged at {revision}, is lost on {}",
                    core.id()
                ));
            }
        }
        let mut writer = state.snapshot();
        let bytes: Vec<Vec<u8>> = std::iter::from_fn(|| writer.next_chunk()).collect();
        match &first {
            None => first = Some((core.id(), bytes)),
            Some((other, expected)) if *expected != bytes => {
                trace.violated(format_args!(
                    "{other} and {} hold different states",
                    core.id()
                ));
            }
            Some(_) => {}
        }
    }
    for node in cluster.nodes() {
        let view = node.view().borrow().clone();
        let known: BTreeSet<NodeId> = view.nodes.keys().copied().collect();
        let all: BTreeSet<NodeId> = cluster
            .cores()
            .first()
            .map(|core| {
                core.store()
                    .state()
                    .nodes()
                    .iter()
                    .map(|(id, _)| *id)
                    .collect()
            })
            .unwrap_or_default();
        if known != all {
            trace.violated(format_args!(
                "an agent knows {} of {} nodes",
                known.len(),
                all.len()
            ));
        }
    }
}
