//! What happened in a run, and what must not have: a running checksum that two runs of one seed share, and the violations.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use hm_model::NodeId;
use tokio::time::Instant;

#[derive(Clone)]
pub(crate) struct Trace(Arc<Mutex<Inner>>);

struct Inner {
    began: Instant,
    checksum: DefaultHasher,
    steps: u64,
    leaders: BTreeMap<u64, NodeId>,
    violations: Vec<String>,
    lines: Vec<String>,
}

/// Lines kept for a person who looks at a failing run.
const LINES: usize = 4_000;

impl Default for Trace {
    fn default() -> Self {
        let inner = Inner {
            began: Instant::now(),
            checksum: DefaultHasher::new(),
            steps: 0,
            leaders: BTreeMap::new(),
            violations: Vec::new(),
            lines: Vec::new(),
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
            inner.steps += 1;
            if inner.lines.len() < LINES {
                inner.lines.push(line);
            }
        });
    }

    pub(crate) fn violated(&self, invariant: impl Display) {
        self.note(format_args!("VIOLATION {invariant}"));
        self.with(|inner| inner.violations.push(invariant.to_string()));
    }

    /// At most one node leads in a term, over the whole run.
    pub(crate) fn leads(&self, node: NodeId, term: u64) {
        match self.with(|inner| inner.leaders.insert(term, node)) {
            None => self.note(format_args!("{node} leads term {term}")),
            Some(before) if before == node => {}
            Some(before) => {
                self.violated(format_args!("{before} and {node} both lead term {term}"))
            }
        }
    }

    pub(crate) fn finish(&self) -> Report {
        self.with(|inner| Report {
            checksum: inner.checksum.finish(),
            steps: inner.steps,
            terms: inner.leaders.len(),
            violations: inner.violations.clone(),
            lines: inner.lines.clone(),
        })
    }

    fn with<R>(&self, change: impl FnOnce(&mut Inner) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The result of one run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Report {
    pub checksum: u64,
    pub steps: u64,
    pub terms: usize,
    pub violations: Vec<String>,
    pub lines: Vec<String>,
}
