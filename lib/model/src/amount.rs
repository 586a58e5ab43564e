//! A number of replicas, or a part of them.

use std::fmt;
use std::str::FromStr;

use crate::parse_error::{Expected, ParseError, Reason, clip};
use crate::text::serde_as_text_or_number;

/// `2` replicas, or `25%` of them.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Amount {
    Count(u32),
    /// At most 100.
    Percent(u8),
}

const AMOUNT: Expected = Expected {
    what: "a number of replicas",
    example: "25%",
};

impl Amount {
    /// Of `total`, rounded down.
    pub fn of(self, total: u32) -> u32 {
        match self {
            Self::Count(count) => count,
            // At most `total`, so it fits.
            Self::Percent(percent) => (u64::from(total) * u64::from(percent) / 100) as u32,
        }
    }

    /// Of `total`, rounded up.
    pub fn of_rounded_up(self, total: u32) -> u32 {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => (u64::from(total) * u64::from(percent)).div_ceil(100) as u32,
        }
    }

    pub const fn is_zero(self) -> bool {
        matches!(self, Self::Count(0) | Self::Percent(0))
    }
}

impl FromStr for Amount {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (digits, max) = text
            .strip_suffix('%')
            .map_or((text, u32::MAX), |digits| (digits, 100));
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(AMOUNT.but(text, Reason::NotANumber { part: clip(digits) }));
        }
        let number: Option<u32> = digits.parse().ok().filter(|number| *number <= max);
        let reason = || Reason::OutOfRange {
            part: clip(digits),
            min: 0,
            max: max.into(),
        };
        let number = number.ok_or_else(|| AMOUNT.but(text, reason()))?;
        Ok(match u8::try_from(number) {
            Ok(percent) if max == 100 => Self::Percent(percent),
            _ => Self::Count(number),
        })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

serde_as_text_or_number!(Amount, "a number of replicas such as 2 or \"25%\"");
