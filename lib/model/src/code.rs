//! Reasons as programs compare them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::parse_error::{Expected, ParseError, Reason};
use crate::text::serde_as_text;

/// A reason in kebab case such as `image-pull-failed`: stable, compared by programs, never translated.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Code(Cow<'static, str>);

const CODE: Expected = Expected {
    what: "a reason code",
    example: "image-pull-failed",
};
const LENGTH: usize = 63;

impl Code {
    /// For codes written in source, meant for `const`: a wrong one fails to compile there.
    pub const fn new(text: &'static str) -> Self {
        assert!(
            is_code(text.as_bytes()),
            "a code is 1 to 63 of a-z, 0-9 and -, starting and ending with a letter or digit"
        );
        Self(Cow::Borrowed(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const fn is_code(bytes: &[u8]) -> bool {
    let mut i = 0;
    while i < bytes.len() {
        let inner = i > 0 && i + 1 < bytes.len();
        let allowed = match bytes[i] {
            b'a'..=b'z' | b'0'..=b'9' => true,
            b'-' => inner,
            _ => false,
        };
        if !allowed {
            return false;
        }
        i += 1;
    }
    !bytes.is_empty() && bytes.len() <= LENGTH
}

impl FromStr for Code {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if !is_code(text.as_bytes()) {
            let rule = "it must be 1 to 63 of a-z, 0-9 and -, starting and ending with a letter or a digit";
            return Err(CODE.but(text, Reason::Rule(rule)));
        }
        Ok(Self(Cow::Owned(text.to_owned())))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

serde_as_text!(Code, "a reason code such as `image-pull-failed`");
