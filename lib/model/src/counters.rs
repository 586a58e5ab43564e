//! Numbers that only grow: generations, revisions, feature levels.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::parse_error::{Expected, ParseError, Reason, clip};

macro_rules! counter {
    ($(#[$meta:meta])* pub struct $name:ident($int:ty, $what:literal)) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(transparent)]
        pub struct $name($int);

        impl $name {
            pub const fn new(number: $int) -> Self {
                Self(number)
            }

            pub const fn get(self) -> $int {
                self.0
            }

            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0.saturating_add(1))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseError;

            fn from_str(text: &str) -> Result<Self, ParseError> {
                let expected = Expected { what: $what, example: "7" };
                let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                let number = text.parse().ok().filter(|_| digits).map(Self);
                number.ok_or_else(|| expected.but(text, Reason::NotANumber { part: clip(text) }))
            }
        }
    };
}

counter! {
    /// How often an object's wanted state has changed. Starts at 1; compared to refuse changes made from a stale view.
    pub struct Generation(u64, "a generation")
}

counter! {
    /// The number of a revision within its app, from 1.
    pub struct RevisionNumber(u64, "a revision")
}

counter! {
    /// What a program understands. The cluster's is the lowest of its members'; entries above it are not proposed.
    pub struct FeatureLevel(u32, "a feature level")
}
