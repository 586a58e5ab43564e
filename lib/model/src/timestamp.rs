//! Moments: microseconds since the Unix epoch, RFC 3339 in UTC as text.

use std::fmt;
use std::str::FromStr;

use crate::Span;
use crate::parse_error::{Expected, ParseError, Reason};
use crate::text::serde_as_quantity;

/// A moment between the years 0 and 9999, exact to a microsecond. Comes from outside as an argument; this crate has no clock.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(i64);

const TIMESTAMP: Expected = Expected {
    what: "a time",
    example: "2025-06-10T22:00:00Z",
};

impl Timestamp {
    pub const UNIX_EPOCH: Self = Self(0);
    /// 0000-01-01T00:00:00Z.
    pub const MIN: Self = Self(-62_167_219_200_000_000);
    /// 9999-12-30T21:59:59.999999Z: about the last moment that every time zone writes with four digits of year.
    pub const MAX: Self = Self(253_402_207_199_999_999);

    /// Clamped to the years that RFC 3339 can write.
    pub const fn from_micros(micros: i64) -> Self {
        if micros < Self::MIN.0 {
            Self::MIN
        } else if micros > Self::MAX.0 {
            Self::MAX
        } else {
            Self(micros)
        }
    }

    pub const fn as_micros(self) -> i64 {
        self.0
    }

    #[must_use]
    pub const fn saturating_add(self, span: Span) -> Self {
        Self::from_micros(self.0.saturating_add_unsigned(span.as_micros()))
    }

    #[must_use]
    pub const fn saturating_sub(self, span: Span) -> Self {
        Self::from_micros(self.0.saturating_sub_unsigned(span.as_micros()))
    }

    /// The time that has passed since `earlier`, in whole milliseconds; zero if it lies ahead.
    pub const fn since(self, earlier: Self) -> Span {
        let micros = self.0.saturating_sub(earlier.0);
        Span::from_millis(if micros > 0 {
            micros.unsigned_abs() / 1000
        } else {
            0
        })
    }
}

impl FromStr for Timestamp {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let refuse = |rule| TIMESTAMP.but(text, Reason::Rule(rule));
        if text.is_empty() {
            return Err(TIMESTAMP.but(text, Reason::Empty));
        }
        let moment: jiff::Timestamp = text.parse().map_err(|_| {
            refuse("it must be a date, `T`, a time of day and `Z` or an offset (RFC 3339)")
        })?;
        let micros = moment.as_microsecond();
        if moment.subsec_nanosecond() % 1000 != 0 {
            return Err(TIMESTAMP.but(
                text,
                Reason::TooFine {
                    smallest: "a microsecond",
                },
            ));
        }
        if Self::from_micros(micros).0 != micros {
            return Err(refuse("its year must be between 0 and 9999"));
        }
        Ok(Self(micros))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(moment) => f.pad(&moment.to_string()),
            // Cannot happen within MIN and MAX; saying the number beats failing.
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

serde_as_quantity!(
    Timestamp,
    i64,
    "a time such as \"2025-06-10T22:00:00Z\"",
    Timestamp::as_micros,
    Timestamp::from_micros
);
