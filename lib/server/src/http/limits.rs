//! Rate limits: a bucket of tokens per caller, generous for those who administer, strict for strangers.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use tokio::time::Instant;

use super::identity::{Entrance, Identity};

/// So many callers are remembered. When there are more, the ones that have been silent longest are forgotten.
const CALLERS_KEPT: usize = 4_096;

#[derive(Clone, Copy, Debug)]
struct Rate {
    burst: f64,
    per_second: f64,
}

const TRUSTED: Rate = Rate {
    burst: 4_000.0,
    per_second: 2_000.0,
};
const STRANGER: Rate = Rate {
    burst: 40.0,
    per_second: 10.0,
};

#[derive(Debug, Default)]
pub(super) struct Limits {
    buckets: BTreeMap<Caller, Bucket>,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Caller {
    Account(u32),
    Address(IpAddr),
    Node(u64),
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

impl Limits {
    /// Takes one request out of the caller's bucket, or tells how long to wait for the next.
    pub(super) fn take(
        &mut self,
        entrance: &Entrance,
        identity: &Identity,
        now: Instant,
    ) -> Result<(), Duration> {
        let rate = match identity {
            Identity::Stranger => STRANGER,
            Identity::Administrator { .. } | Identity::Node(_) => TRUSTED,
        };
        let caller = caller(entrance);
        if !self.buckets.contains_key(&caller) && self.buckets.len() >= CALLERS_KEPT {
            self.forget_oldest();
        }
        let bucket = self.buckets.entry(caller).or_insert(Bucket {
            tokens: rate.burst,
            filled_at: now,
        });
        let passed = now
            .saturating_duration_since(bucket.filled_at)
            .as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * rate.per_second).min(rate.burst);
        bucket.filled_at = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64(
            (1.0 - bucket.tokens) / rate.per_second,
        ))
    }

    /// Forgets half of the callers at once, so that a flood of new ones does not sort the table for each.
    fn forget_oldest(&mut self) {
        let mut ages: Vec<Instant> = self
            .buckets
            .values()
            .map(|bucket| bucket.filled_at)
            .collect();
        ages.sort_unstable();
        if let Some(median) = ages.get(ages.len() / 2).copied() {
            self.buckets.retain(|_, bucket| bucket.filled_at > median);
        }
    }
}

fn caller(entrance: &Entrance) -> Caller {
    match entrance {
        Entrance::Socket(account) => Caller::Account(account.uid),
        Entrance::Node(node) => Caller::Node(node.as_u64()),
        Entrance::Https(IpAddr::V4(address)) => Caller::Address(IpAddr::V4(*address)),
        // Whoever has one IPv6 address has a whole /64.
        Entrance::Https(IpAddr::V6(address)) => {
            let network = Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX));
            Caller::Address(IpAddr::V6(network))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(address: &str) -> Entrance {
        Entrance::Https(address.parse().expect("an address"))
    }

    #[test]
    fn a_bucket_empties_and_fills() {
        let (mut limits, start) = (Limits::default(), Instant::now());
        let allowed = (0..100)
            .filter(|_| {
                limits
                    .take(&from("10.0.0.1"), &Identity::Stranger, start)
                    .is_ok()
            })
            .count();
        assert_eq!(allowed, 40);
        let wait = limits
            .take(&from("10.0.0.1"), &Identity::Stranger, start)
            .expect_err("empty");
        assert_eq!(wait, Duration::from_millis(100));
        assert!(
            limits
                .take(&from("10.0.0.2"), &Identity::Stranger, start)
                .is_ok(),
            "another caller is not touched"
        );
        let later = start + Duration::from_secs(1);
        let allowed = (0..100)
            .filter(|_| {
                limits
                    .take(&from("10.0.0.1"), &Identity::Stranger, later)
                    .is_ok()
            })
            .count();
        assert_eq!(allowed, 10);
    }

    #[test]
    fn one_ipv6_network_is_one_caller_and_the_table_is_bounded() {
        let (mut limits, start) = (Limits::default(), Instant::now());
        for i in 0..40 {
            assert!(
                limits
                    .take(
                        &from(&format!("2001:db8::{i:x}")),
                        &Identity::Stranger,
                        start
                    )
                    .is_ok()
            );
        }
        assert!(
            limits
                .take(&from("2001:db8::ffff"), &Identity::Stranger, start)
                .is_err()
        );
        for i in 0..10_000u32 {
            let entrance = Entrance::Https(IpAddr::V4((0x0a00_0000 + i).into()));
            let now = start + Duration::from_millis(i.into());
            assert!(limits.take(&entrance, &Identity::Stranger, now).is_ok());
        }
        assert!(limits.buckets.len() <= CALLERS_KEPT);
    }
}
