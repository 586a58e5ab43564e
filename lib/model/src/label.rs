//! Labels: what selectors, placement and policies match on.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::parse_error::{Expected, ParseError, Reason};
use crate::text::serde_as_text;

/// A set of labels.
pub type Labels = BTreeMap<LabelKey, LabelValue>;

/// A label's key: 1 to 63 letters, digits, `-`, `_`, `.`, optionally after a prefix and a `/` (`hivemind.io/zone`).
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LabelKey(Arc<str>);

/// A label's value: up to 63 letters, digits, `-`, `_`, `.`; may be empty.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LabelValue(Arc<str>);

/// One label as a text: `role=frontend`.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Label {
    pub key: LabelKey,
    pub value: LabelValue,
}

/// What `--label` asks for: `role=frontend` sets, `role-` removes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LabelChange {
    Set(Label),
    Remove(LabelKey),
}

const KEY: Expected = Expected {
    what: "a label key",
    example: "role",
};
const VALUE: Expected = Expected {
    what: "a label value",
    example: "frontend",
};
const LABEL: Expected = Expected {
    what: "a label",
    example: "role=frontend",
};
const CHANGE: Expected = Expected {
    what: "a label to set or to remove",
    example: "role=frontend",
};
const LENGTH: usize = 63;
const PREFIX_LENGTH: usize = 253;

impl LabelKey {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl LabelValue {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for LabelValue {
    fn default() -> Self {
        Self("".into())
    }
}

impl FromStr for LabelKey {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        check_key(text).map_err(|reason| KEY.but(text, reason))?;
        Ok(Self(text.into()))
    }
}

fn check_key(text: &str) -> Result<(), Reason> {
    if text.is_empty() {
        return Err(Reason::Empty);
    }
    let name = match text.split_once('/') {
        Some((prefix, _)) if prefix.len() > PREFIX_LENGTH => {
            return Err(Reason::TooLong { max: PREFIX_LENGTH });
        }
        Some((prefix, name)) => {
            check_word(prefix)?;
            name
        }
        None => text,
    };
    check_word(name)
}

/// The shape shared by values and the parts of keys.
fn check_word(text: &str) -> Result<(), Reason> {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if let Some(c) = text.chars().find(|c| !allowed(c)) {
        return Err(Reason::Character(c));
    }
    if text.len() > LENGTH {
        return Err(Reason::TooLong { max: LENGTH });
    }
    let edge = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric());
    if !edge(text.bytes().next()) || !edge(text.bytes().last()) {
        return Err(Reason::Rule(
            "it must start and end with a letter or a digit",
        ));
    }
    Ok(())
}

impl FromStr for LabelValue {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if !text.is_empty() {
            check_word(text).map_err(|reason| VALUE.but(text, reason))?;
        }
        Ok(Self(text.into()))
    }
}

impl FromStr for Label {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| LABEL.but(text, Reason::Rule("there is no `=` in it")))?;
        let key = key.parse().map_err(|e| LABEL.because(text, e))?;
        let value = value.parse().map_err(|e| LABEL.because(text, e))?;
        Ok(Self { key, value })
    }
}

impl FromStr for LabelChange {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if text.contains('=') {
            return text
                .parse()
                .map(Self::Set)
                .map_err(|e| CHANGE.because(text, e));
        }
        let key = text.strip_suffix('-').ok_or_else(|| {
            CHANGE.but(
                text,
                Reason::Rule("it has neither `=` to set it nor `-` at its end to remove it"),
            )
        })?;
        key.parse()
            .map(Self::Remove)
            .map_err(|e| CHANGE.because(text, e))
    }
}

impl fmt::Display for LabelKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for LabelValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key, self.value)
    }
}

impl fmt::Display for LabelChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set(label) => label.fmt(f),
            Self::Remove(key) => write!(f, "{key}-"),
        }
    }
}

impl Borrow<str> for LabelKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

serde_as_text!(LabelKey, "a label key such as `role`");
serde_as_text!(LabelValue, "a label value such as `frontend`");
serde_as_text!(Label, "a label such as `role=frontend`");
