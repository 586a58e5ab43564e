//! Whether a server is in touch with the leader: what it says to agents is then not older than that.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// An election, and a few lost messages, are shorter than this.
const HOLDS: Duration = Duration::from_secs(3);

/// When this server last reached the leader, or knew a majority behind it.
#[derive(Default)]
pub(crate) struct Touch(Mutex<Option<Instant>>);

impl Touch {
    pub(crate) fn renew(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    pub(crate) fn is_fresh(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some_and(|at| at.elapsed() < HOLDS)
    }
}
