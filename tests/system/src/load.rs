//! Writers that never rest, and what they were promised.
//!
//! Each write makes a join token: small, listed, and impossible to mistake for another.

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hm_testkit::{Api, KitError, until};
use serde_json::json;

/// The ids of all acknowledged writes.
pub type Written = BTreeSet<String>;

/// Writers at work. Dropping it stops them.
#[derive(Debug)]
pub struct Load {
    shared: Arc<Shared>,
    writers: Vec<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    written: Mutex<Written>,
    more: Condvar,
    over: AtomicBool,
}

impl Load {
    /// This many writers on each of these daemons.
    pub fn start(apis: &[Api], writers_each: usize) -> Self {
        let shared = Arc::new(Shared::default());
        let writers = apis
            .iter()
            .flat_map(|api| std::iter::repeat_n(api, writers_each))
            .map(|api| {
                let (api, shared) = (api.clone().within(Duration::from_secs(5)), shared.clone());
                thread::spawn(move || shared.write_on(&api))
            })
            .collect();
        Self { shared, writers }
    }

    /// How many writes have been acknowledged so far.
    pub fn count(&self) -> usize {
        self.shared.written().len()
    }

    /// Waits until this many more writes have been acknowledged.
    pub fn until_more(&self, more: usize, within: Duration) -> Result<(), KitError> {
        let written = self.shared.written();
        let wanted = written.len() + more;
        let waited = self
            .shared
            .more
            .wait_timeout_while(written, within, |written| written.len() < wanted);
        let (_written, limit) = waited.unwrap_or_else(PoisonError::into_inner);
        if limit.timed_out() {
            return Err(KitError::TooLate {
                what: format!("{more} more writes"),
                within,
            });
        }
        Ok(())
    }

    /// What has been acknowledged so far.
    pub fn written(&self) -> Written {
        self.shared.written().clone()
    }

    /// Stops the writers and tells what they were promised.
    pub fn stop(mut self) -> Written {
        self.end().unwrap_or_else(|panic| resume_unwind(panic));
        self.written()
    }

    fn end(&mut self) -> thread::Result<()> {
        self.shared.over.store(true, Ordering::Relaxed);
        let ends: Vec<_> = self.writers.drain(..).map(JoinHandle::join).collect();
        ends.into_iter().collect()
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        // A writer that panicked has said so itself.
        self.end().ok();
    }
}

impl Shared {
    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_on(&self, api: &Api) {
        while !self.over.load(Ordering::Relaxed) {
            let answer = api.call("POST", "/api/tokens", Some(&json!({"ttl": "24h"})));
            match answer {
                Ok(answer) if answer.is_ok() => {
                    let id = answer.body["id"]
                        .as_str()
                        .expect("a token has an id")
                        .to_owned();
                    assert!(
                        self.written().insert(id),
                        "the same write was acknowledged twice"
                    );
                    self.more.notify_all();
                }
                Ok(answer) if answer.status < 500 => {
                    panic!(
                        "a good write was refused with {}: {}",
                        answer.status, answer.body
                    )
                }
                // No quorum, or broken off: nothing was promised. A daemon that is down is asked again a little later.
                Ok(_) | Err(_) => thread::sleep(Duration::from_millis(2)),
            }
        }
    }
}

/// Compares what a daemon shows with what was promised; it may show more, since an answer can be lost on its way.
///
/// A daemon that has just started may still be applying what it has on disk. Once it has acknowledged one more write, every
/// earlier one must be there.
pub fn check(api: &Api, written: &Written) {
    let shown = until("a write and a list", Duration::from_secs(10), || {
        api.post("/api/tokens", &json!({})).ok()?;
        tokens(api).ok()
    })
    .expect("a list");
    let lost: Vec<_> = written.difference(&shown).collect();
    assert!(
        lost.is_empty(),
        "{} of {} acknowledged writes are lost: {lost:?}",
        lost.len(),
        written.len()
    );
}

fn tokens(api: &Api) -> Result<Written, KitError> {
    let mut shown = Written::new();
    let mut path = "/api/tokens?limit=1000".to_owned();
    loop {
        let page = api.get(&path)?;
        let items = page["items"].as_array().into_iter().flatten();
        shown.extend(
            items
                .filter_map(|token| token["id"].as_str())
                .map(str::to_owned),
        );
        match page["continue"].as_str() {
            Some(next) => path = format!("/api/tokens?limit=1000&continue={next}"),
            None => return Ok(shown),
        }
    }
}
