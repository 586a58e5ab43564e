//! The chain: each line carries the hash of the line before and its own.

use std::fmt::Write as _;
use std::io::BufRead;

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::AuditEvent;

/// What the first line of all follows.
pub(super) const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const HASH_FIELD: &str = ",\"hash\":\"";
const HASH_LENGTH: usize = 64;

/// Where a chain has come to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Verified {
    pub lines: u64,
    /// The number of the last line over all files of the log.
    pub last: u64,
    /// The hash of the last line.
    pub hash: String,
}

/// The first line that does not follow from the one before.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line} of the audit log {reason}")]
pub struct Broken {
    pub line: u64,
    pub reason: &'static str,
}

/// A line as it is hashed and written; `hash` is put behind it.
#[derive(Serialize)]
struct Line<'a> {
    number: u64,
    time: String,
    actor: &'a str,
    via: &'a str,
    operation: &'a str,
    target: &'a str,
    outcome: &'a str,
    request: String,
    /// How many events before this one could not be written.
    #[serde(skip_serializing_if = "is_zero")]
    lost: u64,
    previous: &'a str,
}

/// What verifying needs of a line.
#[derive(Deserialize)]
struct Link {
    number: u64,
    previous: String,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Default for Verified {
    fn default() -> Self {
        Self {
            lines: 0,
            last: 0,
            hash: START.to_owned(),
        }
    }
}

impl Verified {
    /// The next line of the chain, with its end of line, and the chain after it.
    pub(super) fn next(&self, event: &AuditEvent, lost: u64) -> (String, Self) {
        let line = Line {
            number: self.last + 1,
            time: event.time.to_string(),
            actor: &event.actor,
            via: &event.via,
            operation: &event.operation,
            target: &event.target,
            outcome: &event.outcome,
            request: event.request.to_string(),
            lost,
            previous: &self.hash,
        };
        let mut text = serde_json::to_string(&line).unwrap_or_default();
        let hash = hash_of(&text);
        text.pop();
        text.extend([HASH_FIELD, &hash, "\"}\n"]);
        (
            text,
            Self {
                lines: self.lines + 1,
                last: self.last + 1,
                hash,
            },
        )
    }
}

fn hash_of(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().fold(
        String::with_capacity(HASH_LENGTH),
        |mut hex, byte| {
            // Writing to a string does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        },
    )
}

/// Follows the chain of one file to its end. The first line may follow one of an older file.
pub fn verify(lines: impl BufRead) -> Result<Verified, Broken> {
    let mut chain = Verified::default();
    for (index, line) in lines.lines().enumerate() {
        let broken = |reason| Broken {
            line: index as u64 + 1,
            reason,
        };
        let line = line.map_err(|_| broken("cannot be read"))?;
        let (link, hash) = read(&line).map_err(broken)?;
        if index == 0 {
            // A file begins where the one before it ended.
            (chain.last, chain.hash) = (link.number.saturating_sub(1), link.previous.clone());
            if link.number == 1 && link.previous != START {
                return Err(broken("is the first and follows another"));
            }
        }
        if link.number != chain.last + 1 {
            return Err(broken(
                "has the wrong number: lines are missing or were put in",
            ));
        }
        if link.previous != chain.hash {
            return Err(broken("does not follow from the line before it"));
        }
        chain = Verified {
            lines: chain.lines + 1,
            last: link.number,
            hash: hash.to_owned(),
        };
    }
    Ok(chain)
}

/// A line taken apart, if its own hash is right.
fn read(line: &str) -> Result<(Link, &str), &'static str> {
    let cut = line
        .len()
        .checked_sub(HASH_FIELD.len() + HASH_LENGTH + 2)
        .filter(|cut| line.is_char_boundary(*cut));
    let (body, tail) = line.split_at(cut.ok_or("is cut off")?);
    let hash = tail
        .strip_prefix(HASH_FIELD)
        .and_then(|tail| tail.strip_suffix("\"}"))
        .ok_or("has no hash")?;
    let body = format!("{body}}}");
    if hash_of(&body) != hash {
        return Err("was changed");
    }
    let link = serde_json::from_str(&body).map_err(|_| "is not one of ours")?;
    Ok((link, hash))
}
