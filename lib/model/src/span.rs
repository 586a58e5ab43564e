//! Lengths of time, as people write them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::parse_error::{Expected, ParseError, Reason, clip};
use crate::text::serde_as_quantity;

/// A length of time, exact to a millisecond: `500ms`, `90s`, `1h30m`, `24h`, `7d`.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Span(u64);

const SPAN: Expected = Expected {
    what: "a length of time",
    example: "1h30m",
};
const UNITS: &str = "d, h, m, s, ms";

/// Largest first, the order in which they are written.
const SIZES: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

impl Span {
    pub const ZERO: Self = Self(0);

    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Saturates after half a billion years.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds, the rest cut off.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    pub const fn as_micros(self) -> u64 {
        self.0.saturating_mul(1000)
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub const fn as_duration(self) -> Duration {
        Duration::from_millis(self.0)
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        span.as_duration()
    }
}

impl FromStr for Span {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse(text)
            .map(Self)
            .map_err(|reason| SPAN.but(text, reason))
    }
}

fn parse(text: &str) -> Result<u64, Reason> {
    if text.is_empty() {
        return Err(Reason::Empty);
    }
    let mut total = 0u64;
    let mut smallest = u64::MAX;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .ok_or(Reason::Rule("it lacks a unit: d, h, m, s or ms"))?;
        let (number, tail) = rest.split_at(digits);
        if number.is_empty() {
            return Err(Reason::NotANumber { part: clip(rest) });
        }
        let end = tail
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let (_, size) = SIZES
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(|| unknown_unit(unit, tail))?;
        if *size >= smallest {
            return Err(Reason::Rule(
                "its units must go from large to small, each once",
            ));
        }
        smallest = *size;
        let number: u64 = number.parse().map_err(|_| Reason::TooLarge)?;
        total = number
            .checked_mul(*size)
            .and_then(|part| total.checked_add(part))
            .ok_or(Reason::TooLarge)?;
        rest = tail;
    }
    Ok(total)
}

fn unknown_unit(unit: &str, tail: &str) -> Reason {
    if unit.is_empty() && tail.starts_with('.') {
        Reason::Rule("it has a fraction: write whole numbers of smaller units instead")
    } else {
        Reason::Unit {
            part: clip(if unit.is_empty() { tail } else { unit }),
            units: UNITS,
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.pad("0s");
        }
        let mut text = String::new();
        let mut rest = self.0;
        for (unit, size) in SIZES {
            let count = rest / size;
            rest %= size;
            if count > 0 {
                text.push_str(&count.to_string());
                text.push_str(unit);
            }
        }
        f.pad(&text)
    }
}

serde_as_quantity!(
    Span,
    u64,
    "a length of time such as \"90s\"",
    Span::as_millis,
    Span::from_millis
);
