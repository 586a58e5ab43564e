//! Config sets: texts by key that apps take into their environment or mount as files.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::parse_error::{Expected, ParseError, Reason};
use crate::text::serde_as_text;
use crate::{Generation, Labels, ObjectKey, Timestamp};

/// Texts by key.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ConfigSet {
    pub key: ObjectKey,
    #[serde(default)]
    pub generation: Generation,
    #[serde(default)]
    pub labels: Labels,
    #[serde(default)]
    pub entries: BTreeMap<ConfigKey, String>,
    #[serde(default)]
    pub updated_at: Timestamp,
}

/// A key of a config set or a secret. It may become a file's name: letters, digits, `-`, `_` and `.`, not `.` or `..`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ConfigKey(String);

const KEY: Expected = Expected {
    what: "a key",
    example: "app.toml",
};
const LENGTH: usize = 253;

impl ConfigKey {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ConfigKey {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let reason = if text.is_empty() {
            Reason::Empty
        } else if text.len() > LENGTH {
            Reason::TooLong { max: LENGTH }
        } else if matches!(text, "." | "..") {
            Reason::Rule("it cannot be the name of a file")
        } else if let Some(c) = text
            .chars()
            .find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'))
        {
            Reason::Character(c)
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(KEY.but(text, reason))
    }
}

impl fmt::Display for ConfigKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

serde_as_text!(ConfigKey, "a key such as `app.toml`");
