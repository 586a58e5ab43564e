//! Paths on nodes and in containers: absolute, and without tricks.

use std::fmt;
use std::str::FromStr;

use crate::parse_error::{Expected, ParseError, Reason};
use crate::text::serde_as_text;

/// An absolute path in its simplest form: no `.`, `..`, empty parts or trailing slash, and no `:` (mounts use it).
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AbsolutePath(String);

const PATH: Expected = Expected {
    what: "an absolute path",
    example: "/var/lib/data",
};
const LENGTH: usize = 1024;

impl AbsolutePath {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_root(&self) -> bool {
        self.0 == "/"
    }
}

impl FromStr for AbsolutePath {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        check(text).map_err(|reason| PATH.but(text, reason))?;
        let simple = text
            .strip_suffix('/')
            .filter(|rest| !rest.is_empty())
            .unwrap_or(text);
        Ok(Self(simple.to_owned()))
    }
}

fn check(text: &str) -> Result<(), Reason> {
    if text.is_empty() {
        return Err(Reason::Empty);
    }
    if text.len() > LENGTH {
        return Err(Reason::TooLong { max: LENGTH });
    }
    if let Some(c) = text.chars().find(|c| c.is_control() || *c == ':') {
        return Err(Reason::Character(c));
    }
    let inner = text
        .strip_prefix('/')
        .ok_or(Reason::Rule("it must start with `/`"))?;
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    if inner
        .split('/')
        .any(|part| matches!(part, "." | "..") || (part.is_empty() && !inner.is_empty()))
        || text == "//"
    {
        return Err(Reason::Rule("it must not contain `//`, `.` or `..`"));
    }
    Ok(())
}

impl fmt::Display for AbsolutePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

serde_as_text!(AbsolutePath, "an absolute path such as `/var/lib/data`");
