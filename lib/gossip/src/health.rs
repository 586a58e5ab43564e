//! How well this node itself keeps time: foca has no such sense, and a sleepy node must not accuse others of silence.
//!
//! The only witness is its own timers: one that fires late means that the process, or the machine, stood still. Time it
//! stood still is no silence of others, and for a while afterwards it is more patient.

use std::time::Duration;

use crate::timing::Timing;

/// Full marks for being slow: twice the patience.
const WORST: u32 = 4;

#[derive(Debug)]
pub(crate) struct Health {
    /// The last time this node was seen at work.
    awake: Duration,
    slow: u32,
    better_at: Duration,
}

impl Health {
    pub(crate) const fn new(now: Duration) -> Self {
        Self {
            awake: now,
            slow: 0,
            better_at: now,
        }
    }

    /// To be called first at every entry with the timer that was to fire: how long this node stood still, if it did.
    pub(crate) fn wake(
        &mut self,
        now: Duration,
        deadline: Option<Duration>,
        timing: &Timing,
    ) -> Option<Duration> {
        let expected = deadline.unwrap_or(now).max(self.awake);
        self.awake = self.awake.max(now);
        let asleep = now.saturating_sub(expected);
        if asleep >= timing.late_after {
            // A hiccup costs a little patience, a pause the whole of it.
            let marks = if asleep >= timing.probe_period {
                WORST
            } else {
                1
            };
            self.slow = (self.slow + marks).min(WORST);
            self.better_at = now + timing.probe_period * 2;
            return Some(asleep);
        }
        if self.slow > 0 && now >= self.better_at {
            self.slow -= 1;
            self.better_at = now + timing.probe_period * 2;
        }
        None
    }

    /// How long to wait where a healthy node waits for `time`.
    pub(crate) fn patience(&self, time: Duration) -> Duration {
        time * (WORST + self.slow) / WORST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_late_timer_tells_of_a_pause_once() {
        let timing = Timing::from(ms(1_000), 3, 3);
        let mut health = Health::new(ms(0));
        assert_eq!(health.wake(ms(520), Some(ms(500)), &timing), None);
        assert_eq!(
            health.wake(ms(2_500), Some(ms(1_000)), &timing),
            Some(ms(1_500))
        );
        // The same pause, seen from the next datagram of the queue: the timer is still the old one.
        assert_eq!(health.wake(ms(2_501), Some(ms(1_000)), &timing), None);
        assert_eq!(health.patience(ms(2_600)), ms(5_200));
    }

    #[test]
    fn patience_wears_off_and_hiccups_add_up() {
        let timing = Timing::from(ms(1_000), 3, 3);
        let mut health = Health::new(ms(0));
        assert_eq!(health.wake(ms(150), Some(ms(0)), &timing), Some(ms(150)));
        assert_eq!(health.patience(ms(1_000)), ms(1_250));
        assert_eq!(health.wake(ms(350), Some(ms(200)), &timing), Some(ms(150)));
        assert_eq!(health.patience(ms(1_000)), ms(1_500));
        for (now, patience) in [
            (1_000, 1_500),
            (1_350, 1_250),
            (2_000, 1_250),
            (2_350, 1_000),
        ] {
            assert_eq!(health.wake(ms(now), Some(ms(now)), &timing), None);
            assert_eq!(health.patience(ms(1_000)), ms(patience), "{now}");
        }
    }

    #[test]
    fn without_a_timer_nobody_is_late() {
        let timing = Timing::from(ms(1_000), 3, 1);
        assert_eq!(Health::new(ms(0)).wake(ms(90_000), None, &timing), None);
    }
}
