//! When what happens: everything follows from the gossip interval, the failure threshold and the size of the cluster.
//!
//! The whole bound is `T = failure_threshold x gossip_interval`. In it must fit, one after the other: the gap since the
//! last sign of life, a pause that must be forgiven (half of T), a last chance to answer, and the spreading of the news.
//! With the defaults (T = 3 s):
//!
//! ```text
//! 0.0 s  last sign of life: every watched member is heard once per period, the half of the gossip interval
//! 0.5 s  its next ping is not answered (0.6 s when it is the other one's turn to ask)
//! 0.65   asked again, and every 0.15 s from now on: a lost datagram or two must not count
//! 0.8    three others are asked to ask it
//! 1.0    shown as suspect here
//! 1.8    suspected aloud: everyone knows, and so does it, and can refute
//! 2.6    down. 2.1 is the longest silence of a node that was paused for 1.5 s; 0.5 s are left to hear it again
//! 3.0    known to all in a small cluster
//! ```
//!
//! In large clusters the bound is wider (1,000 nodes: known to all within 6 s) and somebody is always paused, now and then
//! twice in a row. So patience grows with the number of nodes, up to 4 s for 1,000.

use std::time::Duration;

/// Up to here the whole bound holds for everyone; beyond, there is time for more patience.
const SMALL: usize = 32;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Timing {
    /// Every watched member is heard at least once in this time.
    pub probe_period: Duration,
    /// The other one of a pair waits a little longer, so that only one of them asks.
    pub second_asker: Duration,
    /// How soon a ping is repeated.
    pub retry: Duration,
    /// Silence after which others are asked to ask.
    pub indirect_after: Duration,
    /// Silence after which the member is shown as suspect here.
    pub doubt_after: Duration,
    /// Silence after which everyone is told.
    pub suspect_after: Duration,
    /// Silence after which the member is down.
    pub down_after: Duration,
    /// A timer later than this means that this node was paused or is overloaded.
    pub late_after: Duration,
    /// While there is news, it is sent this often ...
    pub news_every: Duration,
    /// ... to this many members ...
    pub fanout: usize,
    /// ... until each piece has been sent this often.
    pub transmissions: u8,
    /// How often someone who is down, or a seed, is asked whether it is back.
    pub rejoin_every: Duration,
    /// The longest time between two looks at somebody else's list of members.
    pub sync_every: Duration,
}

impl Timing {
    pub fn from(gossip_interval: Duration, failure_threshold: u32, cluster_size: usize) -> Self {
        let bound = gossip_interval * failure_threshold;
        let probe_period = gossip_interval / 2;
        // The news needs up to 0.4 intervals in a small cluster: two rounds.
        let down_after = if cluster_size <= SMALL {
            bound - gossip_interval * 2 / 5
        } else {
            // A fifteenth of T for each doubling.
            bound + bound * (cluster_size / SMALL).ilog2().saturating_add(1).min(8) / 15
        };
        let suspect_after = down_after - gossip_interval * 4 / 5;
        Self {
            probe_period,
            second_asker: gossip_interval * 3 / 5,
            retry: gossip_interval * 3 / 20,
            indirect_after: gossip_interval * 4 / 5,
            doubt_after: gossip_interval.min(suspect_after),
            suspect_after,
            down_after,
            late_after: (gossip_interval / 10).max(Duration::from_millis(50)),
            news_every: gossip_interval / 5,
            fanout: 3,
            transmissions: transmissions(cluster_size),
            // About five questions a second in the whole cluster, however large.
            rejoin_every: gossip_interval
                * u32::try_from((cluster_size / 5).clamp(2, 1_000)).unwrap_or(1_000),
            sync_every: gossip_interval * 60,
        }
    }
}

/// A piece of news sent k times by everyone who has it misses about `n e^-k` of n members: one in a thousand times a single
/// one, 5 % of loss included.
fn transmissions(cluster_size: usize) -> u8 {
    let digits = cluster_size.max(1).ilog2() as u8;
    // ln(n) + ln(1000), over 0.95.
    let wanted = (f32::from(digits + 1) * 0.69 + 6.9) / 0.95;
    wanted.ceil() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn the_numbers() {
        // interval, threshold, size -> suspect aloud, down, transmissions, rejoin
        let table = [
            (1_000, 3, 1, 1_800, 2_600, 8, 2_000),
            (1_000, 3, 3, 1_800, 2_600, 9, 2_000),
            (1_000, 3, 10, 1_800, 2_600, 11, 2_000),
            (1_000, 3, 32, 1_800, 2_600, 12, 6_000),
            (1_000, 3, 33, 2_400, 3_200, 12, 6_000),
            (1_000, 3, 300, 3_000, 3_800, 14, 60_000),
            (1_000, 3, 1_000, 3_200, 4_000, 15, 200_000),
            (1_000, 3, 20_000, 3_800, 4_600, 19, 1_000_000),
            (1_000, 5, 3, 3_800, 4_600, 9, 2_000),
            (2_000, 3, 3, 3_600, 5_200, 9, 4_000),
            (200, 3, 3, 360, 520, 9, 400),
            (1_000, 2, 3, 800, 1_600, 9, 2_000),
        ];
        for (interval, threshold, size, suspect, down, transmissions, rejoin) in table {
            let timing = Timing::from(ms(interval), threshold, size);
            let name = format!("{threshold} x {interval} ms, {size} nodes");
            assert_eq!(timing.probe_period, ms(interval) / 2, "{name}");
            assert_eq!(timing.suspect_after, ms(suspect), "{name}");
            assert_eq!(timing.down_after, ms(down), "{name}");
            assert_eq!(timing.transmissions, transmissions, "{name}");
            assert_eq!(timing.rejoin_every, ms(rejoin), "{name}");
            assert!(timing.second_asker + timing.retry < timing.indirect_after + timing.retry);
            assert!(timing.doubt_after <= timing.suspect_after);
        }
    }

    /// A pause of half the bound, after the longest gap and two lost pings, leaves time for two more.
    #[test]
    fn a_forgivable_pause_is_shorter_than_the_suspicion() {
        for size in [2, 10, 1_000] {
            let timing = Timing::from(ms(1_000), 3, size);
            let silence = timing.second_asker + ms(1_500);
            assert!(silence + timing.retry * 2 <= timing.down_after, "{size}");
        }
    }
}
