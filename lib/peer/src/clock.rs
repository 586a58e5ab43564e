//! The node's clock as the one that certificates are checked against.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hm_ports::Clock;
use hm_tls::{TimeProvider, UnixTime};

/// Lets TLS read the clock that the rest of the node reads.
pub struct ClockTime(Arc<dyn Clock>);

impl ClockTime {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self(clock)
    }
}

impl TimeProvider for ClockTime {
    fn current_time(&self) -> Option<UnixTime> {
        let micros = u64::try_from(self.0.now_micros()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_micros(micros)))
    }
}

impl fmt::Debug for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClockTime")
    }
}
