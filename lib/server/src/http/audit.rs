//! The node's audit: refusals and sensitive reads, one JSON line each, chained by hashes so that an edit shows.
//!
//! Changes are not here: the log entry that makes a change is its audit. What a chain cannot show is a cut at its end; whoever
//! must know keeps the last hash elsewhere.

mod chain;
mod file;

use hm_model::{RequestId, Timestamp};

pub use chain::{Broken, Verified, verify};
pub use file::{AuditFile, AuditFileError};

/// Takes down what happened, without waiting for a disk.
pub trait AuditLog: Send + Sync + 'static {
    /// `Err`: too much is waiting to be written. What must not happen unseen must then not happen.
    fn record(&self, event: AuditEvent) -> Result<(), Full>;
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the audit log cannot keep up")]
pub struct Full;

/// One thing worth remembering.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuditEvent {
    pub time: Timestamp,
    pub request: RequestId,
    /// Who, as far as that was established.
    pub actor: String,
    /// The door, with what it proves.
    pub via: String,
    /// The operation's name, or the method when there is no such operation.
    pub operation: String,
    /// The path.
    pub target: String,
    /// `ok`, or the code of the refusal.
    pub outcome: String,
}
