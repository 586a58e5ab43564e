//! The one error of every parser here: the value, what it should have been, why it is not, and an example that works.

/// A text that is not what it should be. The message names the value, the reason and an example that parses.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{value}` is not {what}: {reason}; for example `{example}`")]
pub struct ParseError {
    /// What was expected, with its article: `a name`.
    pub what: &'static str,
    /// The offending text, cut to a length that fits a line, control characters escaped.
    pub value: String,
    pub reason: Reason,
    /// A text of this kind that parses.
    pub example: &'static str,
}

/// Why a text is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Reason {
    #[error("it is empty")]
    Empty,
    #[error("it is longer than {max} characters")]
    TooLong { max: usize },
    #[error("{0:?} is not allowed in it")]
    Character(char),
    #[error("`{part}` is not a number")]
    NotANumber { part: String },
    #[error("`{part}` is not between {min} and {max}")]
    OutOfRange { part: String, min: u64, max: u64 },
    #[error("it is finer than {smallest}, the smallest step")]
    TooFine { smallest: &'static str },
    #[error("it is more than can be counted")]
    TooLarge,
    #[error("`{part}` is not a unit; units are {units}")]
    Unit { part: String, units: &'static str },
    #[error("it must be one of {choices}")]
    Choice { choices: String },
    /// A rule of this kind of text, in words.
    #[error("{0}")]
    Rule(&'static str),
    /// One part of it breaks a rule.
    #[error("`{part}` {rule}")]
    Part { part: String, rule: &'static str },
    /// The mistake and its likely correction.
    #[error("{rule}: did you mean `{correction}`?")]
    Correction {
        rule: &'static str,
        correction: String,
    },
}

/// What a parser expects: makes its errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    pub(crate) what: &'static str,
    pub(crate) example: &'static str,
}

impl Expected {
    pub(crate) fn but(self, value: &str, reason: Reason) -> ParseError {
        ParseError {
            what: self.what,
            value: clip(value),
            reason,
            example: self.example,
        }
    }

    /// The same mistake, told about the whole text instead of a part of it.
    pub(crate) fn because(self, value: &str, inner: ParseError) -> ParseError {
        self.but(value, inner.reason)
    }
}

/// The longest piece of an offending text that a message repeats.
const SHOWN: usize = 60;

/// Cuts what somebody wrote to one readable line.
pub(crate) fn clip(text: &str) -> String {
    let mut shown = String::new();
    let mut width = 0;
    for c in text.chars() {
        // Escaped, one character may be ten.
        let escaped: String = if c.is_control() {
            c.escape_default().collect()
        } else {
            c.into()
        };
        width += escaped.chars().count();
        if width > SHOWN {
            shown.push('…');
            break;
        }
        shown.push_str(&escaped);
    }
    shown
}
