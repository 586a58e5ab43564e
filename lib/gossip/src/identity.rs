//! Who a datagram is from: a node, which run of it, and where it is reached.

use std::net::{Ipv4Addr, SocketAddr};

use hm_model::NodeId;

use crate::options::MAX_GENERATION;

/// foca's identity. Two are the same when node and generation are: an address changes only with a new generation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity {
    pub(crate) node: NodeId,
    pub(crate) generation: u64,
    pub(crate) address: SocketAddr,
}

const NOWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

impl Identity {
    /// Whoever listens at an address: how a node joins before it knows ids.
    pub(crate) const fn anyone(address: SocketAddr) -> Self {
        Self {
            node: NodeId::from_u64(0),
            generation: 0,
            address,
        }
    }

    /// The addressee of a datagram: its address is not written, it has arrived there.
    pub(crate) const fn addressee(node: NodeId, generation: u64) -> Self {
        Self {
            node,
            generation,
            address: NOWHERE,
        }
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node && self.generation == other.generation
    }
}

impl Eq for Identity {}

impl foca::Identity for Identity {
    /// Not the socket address: a restarted node replaces its former self wherever it runs now.
    type Addr = NodeId;

    fn renew(&self) -> Option<Self> {
        (self.generation < MAX_GENERATION).then(|| Self {
            generation: self.generation + 1,
            ..*self
        })
    }

    fn addr(&self) -> NodeId {
        self.node
    }

    fn win_addr_conflict(&self, adversary: &Self) -> bool {
        self.generation > adversary.generation
    }
}
