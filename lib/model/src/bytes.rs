//! Sizes of memory and storage.

use std::fmt;
use std::str::FromStr;

use crate::decimal;
use crate::parse_error::{Expected, ParseError, Reason, clip};
use crate::text::serde_as_quantity;

/// A number of bytes: `256M` and `200G` are decimal, `256Mi` and `1Gi` binary, a bare number is bytes.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Bytes(u64);

const BYTES: Expected = Expected {
    what: "a size",
    example: "256Mi",
};
const UNITS: &str = "K, M, G, T, P (of 1000) and Ki, Mi, Gi, Ti, Pi (of 1024)";

/// Every unit with its size. Where two write a size equally short, the later one wins: `1Ki` never meets its equal.
const SIZES: [(&str, u64); 10] = [
    ("K", 1000),
    ("M", 1000_u64.pow(2)),
    ("G", 1000_u64.pow(3)),
    ("T", 1000_u64.pow(4)),
    ("P", 1000_u64.pow(5)),
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("Pi", 1 << 50),
];

impl Bytes {
    pub const ZERO: Self = Self(0);

    pub const fn from_u64(bytes: u64) -> Self {
        Self(bytes)
    }

    pub const fn as_u64(self) -> u64 {
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

impl FromStr for Bytes {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse(text)
            .map(Self)
            .map_err(|reason| BYTES.but(text, reason))
    }
}

fn parse(text: &str) -> Result<u64, Reason> {
    if text.is_empty() {
        return Err(Reason::Empty);
    }
    let end = text
        .find(|c: char| !matches!(c, '0'..='9' | '.'))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    decimal::scaled(number, multiplier(unit)?, "one byte")
}

/// `M`, and also `MB` and `MiB`, as people write them.
fn multiplier(unit: &str) -> Result<u64, Reason> {
    if unit.is_empty() || unit == "B" {
        return Ok(1);
    }
    let short = unit.strip_suffix('B').unwrap_or(unit);
    let short = if short == "k" { "K" } else { short };
    let known = SIZES
        .iter()
        .find(|(name, _)| *name == short)
        .map(|(_, size)| *size);
    known.ok_or_else(|| Reason::Unit {
        part: clip(unit),
        units: UNITS,
    })
}

impl fmt::Display for Bytes {
    /// The shortest form that is exact and parses back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut best = self.0.to_string();
        for (unit, size) in SIZES {
            let scaled = u128::from(self.0) * 1000;
            let size = u128::from(size);
            if u128::from(self.0) < size || !scaled.is_multiple_of(size) {
                continue;
            }
            let text = format!("{}{unit}", decimal::thousandths(scaled / size));
            if text.len() < best.len() {
                best = text;
            }
        }
        f.pad(&best)
    }
}

serde_as_quantity!(
    Bytes,
    u64,
    "a size such as \"256Mi\" or a number of bytes",
    Bytes::as_u64,
    Bytes::from_u64
);
