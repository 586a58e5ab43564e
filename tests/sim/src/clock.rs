//! The machines' wall clocks: virtual time, off by a little, and now and then set by somebody.

use std::sync::atomic::{AtomicI64, Ordering};

use hm_ports::Clock;
use tokio::time::Instant;

/// Some day in the future.
const EPOCH_MICROS: i64 = 1_800_000_000_000_000;

pub(crate) struct SkewedClock {
    began: Instant,
    skew_micros: AtomicI64,
}

impl SkewedClock {
    pub(crate) fn new(skew_micros: i64) -> Self {
        Self {
            began: Instant::now(),
            skew_micros: AtomicI64::new(skew_micros),
        }
    }

    pub(crate) fn jump(&self, micros: i64) {
        self.skew_micros.fetch_add(micros, Ordering::Relaxed);
    }
}

impl Clock for SkewedClock {
    fn now_micros(&self) -> i64 {
        let passed = i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX / 2);
        EPOCH_MICROS + self.skew_micros.load(Ordering::Relaxed) + passed
    }
}
