//! Processor time, in thousandths of a core.

use std::fmt;
use std::str::FromStr;

use crate::decimal;
use crate::parse_error::{Expected, ParseError, Reason};
use crate::text::serde_as_quantity;

/// An amount of processor: `0.5`, `2`, `250m`. Exact to a thousandth of a core.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Cpu(u64);

const CPU: Expected = Expected {
    what: "an amount of cpu",
    example: "0.5",
};

impl Cpu {
    pub const ZERO: Self = Self(0);

    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    pub const fn millis(self) -> u64 {
        self.0
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl FromStr for Cpu {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let millis = match text.strip_suffix('m') {
            _ if text.is_empty() => Err(Reason::Empty),
            Some(millis) => decimal::scaled(millis, 1, "1m"),
            None => decimal::scaled(text, 1000, "0.001"),
        };
        millis.map(Self).map_err(|reason| CPU.but(text, reason))
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&decimal::thousandths(self.0.into()))
    }
}

serde_as_quantity!(
    Cpu,
    u64,
    "an amount of cpu such as 0.5, 2 or \"250m\"",
    Cpu::millis,
    Cpu::from_millis
);
