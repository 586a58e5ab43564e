//! Passes gossip's view on to the server, and what the cluster knows of addresses and keys on to gossip.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use hm_agent::View;
use hm_control::Gossip as Word;
use hm_gossip::{Gossip, KeyRing, MemberState, Members};
use hm_model::{NodeId, NodeState};
use hm_state::GossipKeys;
use tokio::sync::watch;

use crate::role::Serving;

/// Tells the server whenever gossip sees something new, and a new server everything.
pub(crate) async fn tell_server(gossip: Gossip, mut serving: watch::Receiver<Option<Serving>>) {
    let mut members = gossip.members();
    loop {
        let view = words(&members.borrow_and_update());
        if let Some(serving) = serving.borrow_and_update().as_ref() {
            serving.core.sightings().gossip(&view, serving.core.now());
        }
        tokio::select! {
            biased;
            changed = members.changed() => if changed.is_err() { return },
            changed = serving.changed() => if changed.is_err() { return },
        }
    }
}

fn words(members: &Members) -> BTreeMap<NodeId, Word> {
    members
        .others()
        .map(|member| {
            let word = match member.state {
                MemberState::Alive => Word::Alive,
                MemberState::Suspect => Word::Suspect,
                MemberState::Down => Word::Down,
                MemberState::Left => Word::Left,
            };
            (member.node, word)
        })
        .collect()
}

/// Announces every node of the cluster to gossip, and follows the keys.
pub(crate) async fn tell_gossip(me: NodeId, gossip: Gossip, mut view: watch::Receiver<Arc<View>>) {
    let mut keys = GossipKeys::default();
    loop {
        let known = view.borrow_and_update().clone();
        if known.gossip_keys != keys
            && let Some(ring) = key_ring(&known.gossip_keys)
        {
            keys = known.gossip_keys.clone();
            if gossip.set_keys(ring).await.is_err() {
                return;
            }
        }
        let addresses = gossip_addresses(me, &known);
        if gossip.announce(addresses).await.is_err() || view.changed().await.is_err() {
            return;
        }
    }
}

fn gossip_addresses(me: NodeId, view: &View) -> Vec<SocketAddr> {
    view.nodes
        .values()
        .filter(|node| node.id != me && node.state != NodeState::Left)
        .filter_map(|node| {
            node.addresses
                .first()
                .map(|ip| SocketAddr::new(*ip, node.gossip_port))
        })
        .collect()
}

/// The first key encrypts, all are understood.
pub(crate) fn key_ring(keys: &GossipKeys) -> Option<KeyRing> {
    let (first, others) = keys.keys.split_first()?;
    Some(KeyRing::new(*first, others.iter().copied()))
}
