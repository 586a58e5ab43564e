//! What a node needs to know before it can gossip.

use std::net::SocketAddr;
use std::time::Duration;

use hm_model::NodeId;

use crate::seal::KeyRing;

/// Generations are 48 bits on the wire: milliseconds since 1970 fit for another 8,000 years.
pub(crate) const MAX_GENERATION: u64 = (1 << 48) - 1;

#[derive(Clone, Debug)]
pub struct Options {
    pub node: NodeId,
    /// Higher at every start of the same node, such as the wall clock in milliseconds. A clock that went backwards is
    /// repaired: the others answer with the generation they know, and the node goes beyond it.
    pub generation: u64,
    /// Where the others reach this node.
    pub advertise: SocketAddr,
    pub gossip_interval: Duration,
    /// `failure_threshold x gossip_interval` is the whole time from silence to `down`.
    pub failure_threshold: u32,
    pub keys: KeyRing,
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OptionsError {
    #[error("node id 0 is reserved")]
    ReservedNode,
    #[error("generation {0} does not fit in 48 bits")]
    Generation(u64),
    #[error("{0} is no address at which others can reach this node")]
    Advertise(SocketAddr),
    #[error("gossip interval {0:?} is not between 100 ms and 1 minute")]
    Interval(Duration),
    #[error("failure threshold {0} is not between 2 and 60")]
    Threshold(u32),
}

impl Options {
    /// The defaults: silence is `down` after 3 x 1 s.
    pub fn new(node: NodeId, generation: u64, advertise: SocketAddr, keys: KeyRing) -> Self {
        Self {
            node,
            generation,
            advertise,
            gossip_interval: Duration::from_secs(1),
            failure_threshold: 3,
            keys,
        }
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let interval = Duration::from_millis(100)..=Duration::from_secs(60);
        if self.node == NodeId::default() {
            Err(OptionsError::ReservedNode)
        } else if self.generation >= MAX_GENERATION {
            Err(OptionsError::Generation(self.generation))
        } else if self.advertise.ip().is_unspecified() || self.advertise.port() == 0 {
            Err(OptionsError::Advertise(self.advertise))
        } else if !interval.contains(&self.gossip_interval) {
            Err(OptionsError::Interval(self.gossip_interval))
        } else if !(2..=60).contains(&self.failure_threshold) {
            Err(OptionsError::Threshold(self.failure_threshold))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        let address = "10.0.0.1:7946".parse().unwrap();
        Options::new(
            NodeId::from_u64(1),
            1,
            address,
            KeyRing::new([0; 32], std::iter::empty()),
        )
    }

    #[test]
    fn values_that_cannot_work_are_refused() {
        assert_eq!(options().check(), Ok(()));
        let mut wrong = options();
        wrong.node = NodeId::default();
        assert_eq!(wrong.check(), Err(OptionsError::ReservedNode));
        let mut wrong = options();
        wrong.generation = 1 << 48;
        assert_eq!(wrong.check(), Err(OptionsError::Generation(1 << 48)));
        for address in ["0.0.0.0:7946", "[::]:7946", "10.0.0.1:0"] {
            let mut wrong = options();
            wrong.advertise = address.parse().unwrap();
            assert_eq!(wrong.check(), Err(OptionsError::Advertise(wrong.advertise)));
        }
        let mut wrong = options();
        wrong.gossip_interval = Duration::from_millis(99);
        assert_eq!(
            wrong.check(),
            Err(OptionsError::Interval(wrong.gossip_interval))
        );
        let mut wrong = options();
        wrong.failure_threshold = 1;
        assert_eq!(wrong.check(), Err(OptionsError::Threshold(1)));
    }
}
