//! Ratios, exact to a thousandth.

use std::fmt;
use std::str::FromStr;

use crate::decimal;
use crate::parse_error::{Expected, ParseError};
use crate::text::serde_as_quantity;

/// A factor such as `1.2`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Ratio(u64);

const RATIO: Expected = Expected {
    what: "a ratio",
    example: "1.2",
};

impl Ratio {
    pub const ONE: Self = Self(1000);

    pub const fn from_thousandths(thousandths: u64) -> Self {
        Self(thousandths)
    }

    pub const fn thousandths(self) -> u64 {
        self.0
    }

    /// `amount` times this, rounded down.
    pub fn of(self, amount: u64) -> u64 {
        u64::try_from(u128::from(amount) * u128::from(self.0) / 1000).unwrap_or(u64::MAX)
    }
}

impl FromStr for Ratio {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        decimal::scaled(text, 1000, "0.001")
            .map(Self)
            .map_err(|reason| RATIO.but(text, reason))
    }
}

impl fmt::Display for Ratio {
    /// Always with a fraction: a ratio of one is `1.0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = decimal::thousandths(self.0.into());
        f.pad(&if text.contains('.') {
            text
        } else {
            format!("{text}.0")
        })
    }
}

serde_as_quantity!(
    Ratio,
    u64,
    "a ratio such as 1.2",
    Ratio::thousandths,
    Ratio::from_thousandths
);
