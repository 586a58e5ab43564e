//! Users: the people and programs that log in.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::parse_error::{Expected, ParseError, Reason};
use crate::text::serde_as_text;
use crate::{Generation, Name, Namespace, Timestamp};

/// A user. The password's hash is not part of it: it never leaves the servers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct User {
    pub name: UserName,
    #[serde(default)]
    pub generation: Generation,
    #[serde(default)]
    pub full_name: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub grants: BTreeSet<Grant>,
    #[serde(default)]
    pub disabled: bool,
    #[serde(default)]
    pub created_at: Timestamp,
}

/// A role that a user has, everywhere or in one namespace.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Grant {
    pub role: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
}

/// How a user logs in: 1 to 64 of `a-z`, `0-9`, `.`, `_`, `-` and `@`, starting with a letter or a digit.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct UserName(String);

/// A password's hash in the PHC format. Debug output does not show it.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

const USER_NAME: Expected = Expected {
    what: "a user name",
    example: "alice",
};
const LENGTH: usize = 64;

impl UserName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PasswordHash {
    pub fn new(phc: String) -> Self {
        Self(phc)
    }

    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl FromStr for UserName {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let allowed = |c: &char| matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-' | '@');
        let reason = if text.is_empty() {
            Reason::Empty
        } else if let Some(c) = text.chars().find(|c| !allowed(c)) {
            Reason::Character(c)
        } else if text.len() > LENGTH {
            Reason::TooLong { max: LENGTH }
        } else if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            Reason::Rule("it must start with a letter or a digit")
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(USER_NAME.but(text, reason))
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

serde_as_text!(UserName, "a user name such as `alice`");
