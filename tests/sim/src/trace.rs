//! What happened in a run, and what must not have: lines for people, a checksum over everything for replays, counts.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

#[derive(Clone)]
pub(crate) struct Trace(Arc<Mutex<Inner>>);

struct Inner {
    began: Instant,
    checksum: DefaultHasher,
    report: Report,
}

/// Lines kept for a person who looks at a failing run.
const LINES: usize = 20_000;

/// The result of one run.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Report {
    /// Over every line and every message with its time: equal in two runs only if they were the same.
    pub checksum: u64,
    pub messages: u64,
    pub lines: Vec<String>,
    pub violations: Vec<String>,
    /// How often what happened: faults by kind, writes, terms.
    pub counts: BTreeMap<&'static str, u64>,
    /// How long the run took on its own clock, and how long after the trouble and the last client the cluster was whole.
    pub lasted: Duration,
    pub whole_after: Duration,
}

impl Default for Trace {
    fn default() -> Self {
        let inner = Inner {
            began: Instant::now(),
            checksum: DefaultHasher::new(),
            report: Report::default(),
        };
        Self(Arc::new(Mutex::new(inner)))
    }
}

impl Trace {
    pub(crate) fn note(&self, what: impl Display) {
        self.with(|inner| {
            let at = inner.began.elapsed();
            let line = format!("{:>9.3} {what}", at.as_secs_f64());
            at.as_nanos().hash(&mut inner.checksum);
            line.hash(&mut inner.checksum);
            tracing::info!(target: "simulation", "{line}");
            if inner.report.lines.len() < LINES {
                inner.report.lines.push(line);
            }
        });
    }

    /// A fault, or something else that is counted.
    pub(crate) fn count(&self, kind: &'static str) {
        self.with(|inner| *inner.report.counts.entry(kind).or_default() += 1);
    }

    pub(crate) fn violated(&self, invariant: impl Display) {
        self.note(format_args!("VIOLATION {invariant}"));
        self.with(|inner| inner.report.violations.push(invariant.to_string()));
    }

    /// A message: part of the checksum, not of the lines.
    pub(crate) fn mix(&self, message: impl Hash) {
        self.with(|inner| {
            inner.began.elapsed().as_nanos().hash(&mut inner.checksum);
            message.hash(&mut inner.checksum);
            inner.report.messages += 1;
        });
    }

    pub(crate) fn whole_after(&self, after: Duration) {
        self.with(|inner| inner.report.whole_after = after);
    }

    pub(crate) fn finish(&self) -> Report {
        self.with(|inner| {
            inner.report.checksum = inner.checksum.finish();
            inner.report.lasted = inner.began.elapsed();
            inner.report.clone()
        })
    }

    fn with<R>(&self, change: impl FnOnce(&mut Inner) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
