//! How long raft waits for what, and why.
//!
//! After the last heartbeat every voter refuses elections for one lease; a follower asks for votes after the lease plus a
//! random pause, drawn anew each time, so the longest silence without a split vote is
//!
//! ```text
//! lease + pause_max + rounds = 750 + 400 + 2 x probe/vote round trips and 4 fsyncs  (about 1.2 s)
//! ```
//!
//! and one split vote adds at most `pause_max` again (about 1.6 s): writes succeed within 2 s. A split needs two followers
//! that draw pauses closer than a round trip: one in ten at worst, two in a row one in a hundred.
//!
//! openraft ticks every 1.5 x `heartbeat_interval` and sends one heartbeat a tick, so 200 ms mean a heartbeat every 300 ms:
//! the lease survives two lost ones. It is also the time an append may take, slow disk included.
//! With 3 idle nodes that is 6.7 calls a second on the leader, 3.3 on each follower.

use std::time::Duration;

/// Raft's clockwork. The defaults keep every promise of the design; tests may shorten it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Timings {
    /// openraft's heartbeat interval; heartbeats go out every 1.5 of it. Also the limit for one append.
    pub heartbeat: Duration,
    /// How long after a heartbeat voters refuse elections.
    pub lease: Duration,
    /// The random pause before an election lies between these.
    pub pause_min: Duration,
    pub pause_max: Duration,
    /// How long a proposal may wait for its agreement.
    pub propose: Duration,
    /// How long a new voter may take to catch up.
    pub catch_up: Duration,
    /// The limit for one chunk of a snapshot.
    pub snapshot_chunk: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_millis(200),
            lease: Duration::from_millis(750),
            pause_min: Duration::from_millis(50),
            pause_max: Duration::from_millis(400),
            propose: Duration::from_secs(5),
            catch_up: Duration::from_secs(60),
            snapshot_chunk: Duration::from_secs(10),
        }
    }
}

impl Timings {
    /// The time between two heartbeats.
    pub fn heartbeat_period(&self) -> Duration {
        self.heartbeat * 3 / 2
    }

    /// The longest silence after a leader is lost, with this many split votes, without disks and network.
    pub fn silence(&self, splits: u32) -> Duration {
        self.lease + self.pause_max * (1 + splits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arithmetic_of_the_promise() {
        let timings = Timings::default();
        let rounds = Duration::from_millis(400);
        assert!(timings.silence(0) + rounds < Duration::from_secs(2));
        assert!(timings.silence(1) + rounds <= Duration::from_secs(2));
        assert!(
            timings.heartbeat_period() * 2 < timings.lease,
            "two heartbeats may be lost"
        );
        assert!(timings.heartbeat < timings.pause_max);
    }
}
