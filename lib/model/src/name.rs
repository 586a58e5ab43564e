//! Names of namespaced things: one DNS label, because a name becomes part of DNS names.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::parse_error::{Expected, ParseError, Reason};
use crate::text::serde_as_text;

/// A DNS label: 1 to 63 of `a-z`, `0-9` and `-`, with a letter or digit at both ends and not digits alone (so that a name
/// is never taken for a number or part of an address). Cheap to clone.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Name(Arc<str>);

const NAME: Expected = Expected {
    what: "a name",
    example: "web-1",
};

/// The longest DNS label.
const LABEL_LENGTH: usize = 63;

impl Name {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name written in this crate's source.
    pub(crate) fn known(text: &'static str) -> Self {
        Self(text.into())
    }
}

impl FromStr for Name {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        check_label(text).map_err(|reason| NAME.but(text, reason))?;
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NAME.but(
                text,
                Reason::Rule("digits alone would be taken for a number"),
            ));
        }
        Ok(Self(text.into()))
    }
}

/// Whether a text is one DNS label in lower case.
pub(crate) fn check_label(text: &str) -> Result<(), Reason> {
    if text.is_empty() {
        return Err(Reason::Empty);
    }
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        let correction = text.to_ascii_lowercase();
        if check_label(&correction).is_ok() {
            return Err(Reason::Correction {
                rule: "it must be in lower case",
                correction,
            });
        }
    }
    if let Some(c) = text
        .chars()
        .find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-'))
    {
        return Err(Reason::Character(c));
    }
    if text.len() > LABEL_LENGTH {
        return Err(Reason::TooLong { max: LABEL_LENGTH });
    }
    if text.starts_with('-') || text.ends_with('-') {
        return Err(Reason::Rule(
            "it must start and end with a letter or a digit",
        ));
    }
    Ok(())
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

serde_as_text!(Name, "a name such as `web-1`");
