//! What must hold, whatever happens: one file each.

pub(crate) mod disks;
pub(crate) mod leaders;
pub(crate) mod reads;
pub(crate) mod states;
pub(crate) mod views;
pub(crate) mod watchers;
pub(crate) mod whole;
pub(crate) mod writes;

use hm_node::Node;

use crate::trace::Trace;
use leaders::Leaders;
use states::States;
use writes::Writes;

/// What the invariants remember over a whole run.
#[derive(Clone, Default)]
pub(crate) struct Invariants {
    pub(crate) trace: Trace,
    pub(crate) leaders: Leaders,
    pub(crate) states: States,
    pub(crate) writes: Writes,
}

impl Invariants {
    /// Watches one life of a daemon, as part of that life.
    pub(crate) fn look_on(&self, node: &Node) {
        hm_ports::task::spawn(leaders::look_on(self.clone(), node.serving()));
        hm_ports::task::spawn(states::look_on(self.clone(), node.serving()));
    }
}
