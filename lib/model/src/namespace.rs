//! Namespaces: every app, job, volume and policy lives in one.

use std::fmt;
use std::str::FromStr;

use crate::Name;
use crate::parse_error::{Expected, ParseError};
use crate::text::serde_as_text;

/// The name of a namespace; `default` where nobody says otherwise.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Namespace(Name);

const NAMESPACE: Expected = Expected {
    what: "a namespace",
    example: "shop",
};

impl Namespace {
    pub const DEFAULT: &'static str = "default";

    pub fn name(&self) -> &Name {
        &self.0
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub fn is_default(&self) -> bool {
        self.as_str() == Self::DEFAULT
    }
}

impl Default for Namespace {
    fn default() -> Self {
        Self(Name::known(Self::DEFAULT))
    }
}

impl From<Name> for Namespace {
    fn from(name: Name) -> Self {
        Self(name)
    }
}

impl FromStr for Namespace {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        text.parse()
            .map(Self)
            .map_err(|e| NAMESPACE.because(text, e))
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

serde_as_text!(Namespace, "a namespace such as `shop`");
