//! From when until when a certificate holds.

use std::time::Duration;

use rustls_pki_types::UnixTime;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// Certificates begin an hour early, so that a clock which is somewhat behind does not refuse a fresh one.
const BACKDATED: u64 = HOUR;

/// Certificates cannot write years of five digits.
pub(crate) const YEAR_10000: u64 = 253_402_300_800;

/// From when until when a certificate holds, in whole seconds; both ends belong to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Validity {
    pub not_before: UnixTime,
    pub not_after: UnixTime,
}

impl Validity {
    /// 30 days: long enough to survive an outage, short enough to need no revocation list.
    pub fn of_node(now: UnixTime) -> Self {
        Self::lasting(now, 30 * DAY)
    }

    /// Ten years.
    pub fn of_ca(now: UnixTime) -> Self {
        Self::lasting(now, 3652 * DAY)
    }

    fn lasting(now: UnixTime, seconds: u64) -> Self {
        Self {
            not_before: at(now.as_secs().saturating_sub(BACKDATED)),
            not_after: at(now.as_secs().saturating_add(seconds)),
        }
    }

    /// Whether half of it is over, which is when a node asks for its next certificate.
    pub fn renew_due(&self, now: UnixTime) -> bool {
        let begin = self.not_before.as_secs();
        let half = self.not_after.as_secs().saturating_sub(begin) / 2;
        now.as_secs() >= begin.saturating_add(half)
    }

    pub fn is_over(&self, now: UnixTime) -> bool {
        now > self.not_after
    }
}

pub(crate) fn at(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renewal_is_due_from_half_life_on() {
        let now = at(1_800_000_000);
        let validity = Validity::of_node(now);
        assert!(!validity.renew_due(now));
        assert!(!validity.renew_due(at(now.as_secs() + 14 * DAY)));
        assert!(validity.renew_due(at(now.as_secs() + 15 * DAY)));
        assert!(validity.renew_due(at(now.as_secs() + 400 * DAY)));
    }

    #[test]
    fn extreme_clocks_do_not_overflow() {
        let validity = Validity::of_ca(at(u64::MAX));
        assert!(validity.renew_due(at(u64::MAX)));
        assert_eq!(Validity::of_ca(at(0)).not_before, at(0));
    }
}
