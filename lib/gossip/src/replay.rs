//! Which datagrams of a node were seen already: nobody may record one and play it again.

use std::collections::BTreeMap;

use hm_model::NodeId;

use crate::seal::Stamp;
use crate::statistics::Drop;

/// Datagrams may arrive out of order, by up to this many.
const WINDOW: u64 = 128;

#[derive(Debug)]
struct Seen {
    generation: u64,
    salt: u32,
    highest: u64,
    /// Bit n: `highest - n` was seen.
    bits: u128,
}

/// One window for each node, for its newest run.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    seen: BTreeMap<NodeId, Seen>,
}

impl Replay {
    /// Call with authentic datagrams only.
    pub(crate) fn admit(
        &mut self,
        node: NodeId,
        generation: u64,
        stamp: Stamp,
    ) -> Result<(), Drop> {
        let Some(seen) = self
            .seen
            .get_mut(&node)
            .filter(|seen| seen.generation >= generation)
        else {
            let first = Seen {
                generation,
                salt: stamp.salt,
                highest: stamp.counter,
                bits: 1,
            };
            self.seen.insert(node, first);
            return Ok(());
        };
        if seen.generation > generation {
            return Err(Drop::Stale);
        }
        if seen.salt != stamp.salt {
            return Err(Drop::Replayed);
        }
        if stamp.counter > seen.highest {
            let ahead = stamp.counter - seen.highest;
            seen.bits = if ahead < WINDOW {
                seen.bits << ahead
            } else {
                0
            };
            seen.bits |= 1;
            seen.highest = stamp.counter;
            return Ok(());
        }
        let behind = seen.highest - stamp.counter;
        if behind >= WINDOW || seen.bits & (1 << behind) != 0 {
            return Err(Drop::Replayed);
        }
        seen.bits |= 1 << behind;
        Ok(())
    }

    pub(crate) fn forget(&mut self, node: NodeId) {
        self.seen.remove(&node);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: NodeId = NodeId::from_u64(7);

    fn at(counter: u64) -> Stamp {
        Stamp { salt: 1, counter }
    }

    #[test]
    fn each_number_once_in_any_order() {
        let mut replay = Replay::default();
        for counter in [5, 3, 4, 200, 100, 73, 1_000_000] {
            assert_eq!(replay.admit(NODE, 1, at(counter)), Ok(()), "{counter}");
            assert_eq!(
                replay.admit(NODE, 1, at(counter)),
                Err(Drop::Replayed),
                "{counter}"
            );
        }
        // Too old to know.
        assert_eq!(replay.admit(NODE, 1, at(999_000)), Err(Drop::Replayed));
        // Another node counts for itself.
        assert_eq!(replay.admit(NodeId::from_u64(8), 1, at(5)), Ok(()));
    }

    #[test]
    fn only_the_newest_run_counts() {
        let mut replay = Replay::default();
        assert_eq!(replay.admit(NODE, 2, at(9)), Ok(()));
        assert_eq!(replay.admit(NODE, 1, at(10)), Err(Drop::Stale));
        assert_eq!(replay.admit(NODE, 3, at(0)), Ok(()));
        assert_eq!(replay.admit(NODE, 2, at(11)), Err(Drop::Stale));
        let other_process = Stamp {
            salt: 2,
            counter: 1,
        };
        assert_eq!(replay.admit(NODE, 3, other_process), Err(Drop::Replayed));
        replay.forget(NODE);
        assert_eq!(replay.admit(NODE, 1, at(10)), Ok(()));
    }
}
