//! What this server sees of nodes: gossip's word and when their agents were last heard. In memory only, rebuilt by reports.
//!
//! Silence is measured on the clock that never jumps; controllers get it translated into the time of the log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hm_control::{Gossip, Observed, Sighting};
use hm_model::{NodeId, Span, Timestamp};
use tokio::sync::watch;
use tokio::time::Instant;

/// An agent is taken for present this long after it was last heard.
const PRESENT: Duration = Duration::from_millis(1_250);

pub struct Sightings {
    nodes: Mutex<BTreeMap<NodeId, Seen>>,
    /// Counts what controllers should look at; a mere heartbeat is not.
    news: watch::Sender<u64>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Seen {
    pub gossip: Option<Gossip>,
    pub gossip_since: Option<Timestamp>,
    /// When its agent was last heard by any server, and by this one.
    pub heard_at: Option<Instant>,
    pub heard_here_at: Option<Instant>,
    /// The revision the node's kernel tables have reached.
    pub applied_revision: u64,
}

impl Default for Sightings {
    fn default() -> Self {
        Self {
            nodes: Mutex::default(),
            news: watch::Sender::new(0),
        }
    }
}

impl Sightings {
    /// Gossip's whole view replaces the one before.
    pub fn gossip(&self, view: &BTreeMap<NodeId, Gossip>, now: Timestamp) {
        let changed = self.change(|nodes| {
            let mut changed = false;
            for (_, seen) in nodes.iter_mut().filter(|(id, _)| !view.contains_key(id)) {
                changed |= seen.gossip.take().is_some();
            }
            for (id, gossip) in view {
                let seen = nodes.entry(*id).or_default();
                if seen.gossip != Some(*gossip) {
                    seen.gossip = Some(*gossip);
                    seen.gossip_since = Some(now);
                    changed = true;
                }
            }
            changed
        });
        self.tell_if(changed);
    }

    /// An agent was heard by this server.
    pub fn heard(&self, node: NodeId, applied_revision: u64) {
        let now = Instant::now();
        self.change(|nodes| nodes.entry(node).or_default().heard_here_at = Some(now));
        self.told(node, now, applied_revision);
    }

    /// An agent was heard at `at`, by this server or another.
    pub fn told(&self, node: NodeId, at: Instant, applied_revision: u64) {
        let returned = self.change(|nodes| {
            let seen = nodes.entry(node).or_default();
            let returned = seen
                .heard_at
                .is_none_or(|before| at.saturating_duration_since(before) > PRESENT);
            seen.heard_at = seen.heard_at.max(Some(at));
            seen.applied_revision = seen.applied_revision.max(applied_revision);
            returned
        });
        self.tell_if(returned);
    }

    /// The agents this server hears itself.
    pub fn heard_here(&self) -> Vec<(NodeId, Instant, u64)> {
        self.change(|nodes| {
            nodes
                .iter()
                .filter_map(|(id, seen)| {
                    seen.heard_here_at
                        .map(|at| (*id, at, seen.applied_revision))
                })
                .collect()
        })
    }

    pub fn of(&self, node: NodeId) -> Seen {
        self.change(|nodes| nodes.get(&node).copied().unwrap_or_default())
    }

    /// The nodes that gossip holds for alive.
    pub fn reachable(&self) -> BTreeSet<NodeId> {
        self.change(|nodes| {
            nodes
                .iter()
                .filter(|(_, seen)| seen.gossip == Some(Gossip::Alive))
                .map(|(id, _)| *id)
                .collect()
        })
    }

    /// For the controllers, in the time of the log, which is `now`.
    /// The nodes that gossip holds for suspect or down.
    pub fn doubted(&self) -> BTreeSet<NodeId> {
        let doubtful = |seen: &Seen| matches!(seen.gossip, Some(Gossip::Suspect | Gossip::Down));
        self.change(|nodes| {
            nodes
                .iter()
                .filter(|(_, seen)| doubtful(seen))
                .map(|(id, _)| *id)
                .collect()
        })
    }

    pub fn observed(&self, leader: NodeId, since: Instant, now: Timestamp) -> Observed {
        let in_log_time = |at: Instant| now.saturating_sub(span_of(at.elapsed()));
        let mut observed = Observed::new(leader, in_log_time(since));
        observed.nodes = self.change(|nodes| {
            nodes
                .iter()
                .map(|(id, seen)| {
                    let sighting = Sighting {
                        gossip: seen.gossip,
                        heard_at: seen.heard_at.map(in_log_time),
                    };
                    (*id, sighting)
                })
                .collect()
        });
        observed
    }

    pub fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    fn tell_if(&self, changed: bool) {
        if changed {
            self.news.send_modify(|count| *count += 1);
        }
    }

    fn change<R>(&self, change: impl FnOnce(&mut BTreeMap<NodeId, Seen>) -> R) -> R {
        change(&mut self.nodes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn span_of(duration: Duration) -> Span {
    Span::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
