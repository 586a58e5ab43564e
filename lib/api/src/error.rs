//! Errors: one closed list of codes, each with one HTTP status and one exit code.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of every error, `application/problem+json` (RFC 9457).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema, thiserror::Error)]
#[error("{detail}")]
pub struct Problem {
    /// `urn:hivemind:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code in words, the same for every error with this code.
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    pub code: ErrorCode,
    /// What, where and why, in one line.
    pub detail: String,
    /// The next thing to try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Problem {
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:hivemind:problem:{code}"),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            detail: detail.into(),
            hint: None,
        }
    }

    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// What programs compare. Codes are added, never changed.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The request is malformed or breaks a rule.
    Invalid,
    /// No credentials, or credentials nobody knows.
    Unauthenticated,
    /// Known, but not allowed.
    Forbidden,
    /// No such object or path.
    NotFound,
    /// The path exists, not with this method.
    MethodNotAllowed,
    /// What is asked for contradicts what is there.
    Conflict,
    /// The object has changed since it was read.
    GenerationMismatch,
    /// The revision asked for is no longer kept: list anew.
    Compacted,
    /// The body is larger than allowed.
    TooLarge,
    /// The body is not JSON.
    UnsupportedMediaType,
    /// Too many requests from this caller.
    RateLimited,
    /// Named by the design, not built yet.
    NotBuilt,
    /// The voters that are alive cannot agree on anything.
    NoQuorum,
    /// This node cannot answer now: it starts, stops, or finds no server.
    Unavailable,
    /// Not answered in time; what was asked may still happen.
    Timeout,
    /// A fault of the daemon, or a code that is newer than this program.
    #[serde(other)]
    Internal,
}

impl ErrorCode {
    pub const ALL: [Self; 16] = [
        Self::Invalid,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::GenerationMismatch,
        Self::Compacted,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::RateLimited,
        Self::NotBuilt,
        Self::NoQuorum,
        Self::Unavailable,
        Self::Timeout,
        Self::Internal,
    ];

    pub const fn name(self) -> &'static str {
        self.facts().0
    }

    pub const fn status(self) -> u16 {
        self.facts().1
    }

    pub const fn exit(self) -> Exit {
        self.facts().2
    }

    pub const fn title(self) -> &'static str {
        self.facts().3
    }

    const fn facts(self) -> (&'static str, u16, Exit, &'static str) {
        match self {
            Self::Invalid => ("invalid", 400, Exit::Usage, "Invalid request"),
            Self::Unauthenticated => ("unauthenticated", 401, Exit::NotLoggedIn, "Not logged in"),
            Self::Forbidden => ("forbidden", 403, Exit::NotAllowed, "Not allowed"),
            Self::NotFound => ("not_found", 404, Exit::NotFound, "Not found"),
            Self::MethodNotAllowed => (
                "method_not_allowed",
                405,
                Exit::Failed,
                "Method not allowed",
            ),
            Self::Conflict => ("conflict", 409, Exit::Conflict, "Conflict"),
            Self::GenerationMismatch => (
                "generation_mismatch",
                409,
                Exit::Conflict,
                "Changed meanwhile",
            ),
            Self::Compacted => ("compacted", 410, Exit::Failed, "Revision no longer kept"),
            Self::TooLarge => ("too_large", 413, Exit::Usage, "Request too large"),
            Self::UnsupportedMediaType => ("unsupported_media_type", 415, Exit::Failed, "Not JSON"),
            Self::RateLimited => ("rate_limited", 429, Exit::Failed, "Too many requests"),
            Self::NotBuilt => ("not_built", 501, Exit::Failed, "Not built yet"),
            Self::NoQuorum => ("no_quorum", 503, Exit::NoDaemon, "No quorum"),
            Self::Unavailable => ("unavailable", 503, Exit::NoDaemon, "Not available"),
            Self::Timeout => ("timeout", 504, Exit::TimedOut, "Timed out"),
            Self::Internal => ("internal", 500, Exit::Failed, "Internal error"),
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How a command ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    /// No daemon, or no quorum.
    NoDaemon = 3,
    NotLoggedIn = 4,
    NotAllowed = 5,
    NotFound = 6,
    Conflict = 7,
    TimedOut = 8,
    RolledBack = 9,
    /// Done on some nodes only.
    Partly = 10,
    /// No room, or over quota.
    NoRoom = 11,
    Interrupted = 130,
}

impl Exit {
    pub const fn code(self) -> u8 {
        self as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_serde_writes_and_reads() {
        for code in ErrorCode::ALL {
            let json = serde_json::to_string(&code).expect("a name");
            assert_eq!(json, format!("\"{code}\""));
            assert_eq!(
                serde_json::from_str::<ErrorCode>(&json).expect("the same code"),
                code
            );
        }
    }

    #[test]
    fn a_code_of_a_newer_daemon_is_still_an_error() {
        let code: ErrorCode = serde_json::from_str("\"from_the_future\"").expect("some code");
        assert_eq!(code, ErrorCode::Internal);
    }

    #[test]
    fn problems_say_their_code_three_ways() {
        let problem =
            Problem::new(ErrorCode::NoQuorum, "1 of 3 servers alive").with_hint("start the others");
        let json = serde_json::to_value(&problem).expect("JSON");
        assert_eq!(
            json,
            serde_json::json!({"type": "urn:hivemind:problem:no_quorum", "title": "No quorum", "status": 503,
                "code": "no_quorum", "detail": "1 of 3 servers alive", "hint": "start the others"})
        );
        assert_eq!(problem.code.exit().code(), 3);
    }
}
