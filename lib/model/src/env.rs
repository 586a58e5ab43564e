//! Environment variables: their names, `K=V`, and files of them.

use std::fmt;
use std::str::FromStr;

use crate::parse_error::{Expected, ParseError, Reason};
use crate::text::serde_as_text;

/// The name of an environment variable: letters, digits, `_`, `.` and `-`, not starting with a digit.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EnvName(String);

/// `K=V`. The value is everything after the first `=`, taken as it is.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct EnvVar {
    pub name: EnvName,
    pub value: String,
}

/// A line of an environment file that is not `K=V`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line}: {error}")]
pub struct EnvFileError {
    pub line: usize,
    pub error: ParseError,
}

const NAME: Expected = Expected {
    what: "the name of an environment variable",
    example: "LOG_LEVEL",
};
const VARIABLE: Expected = Expected {
    what: "an environment variable",
    example: "LOG_LEVEL=debug",
};
const LENGTH: usize = 255;

/// Reads a file of `K=V` lines. Empty lines and lines that start with `#` are skipped; values are taken as they are, with
/// their quotes, as docker does.
pub fn parse_env_file(text: &str) -> Result<Vec<EnvVar>, EnvFileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text
        .lines()
        .enumerate()
        .map(|(i, line)| (i + 1, line.trim_start()));
    let variables = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    variables
        .map(|(line, text)| text.parse().map_err(|error| EnvFileError { line, error }))
        .collect()
}

impl EnvName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EnvName {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if text.is_empty() {
            return Err(NAME.but(text, Reason::Empty));
        }
        if text.len() > LENGTH {
            return Err(NAME.but(text, Reason::TooLong { max: LENGTH }));
        }
        if let Some(c) = text
            .chars()
            .find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.' | '-'))
        {
            return Err(NAME.but(text, Reason::Character(c)));
        }
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(NAME.but(text, Reason::Rule("it must not start with a digit")));
        }
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for EnvVar {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        // The value may be a password: messages repeat the name only.
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| VARIABLE.but(text, Reason::Rule("there is no `=` in it")))?;
        let name = name.parse().map_err(|e| VARIABLE.because(name, e))?;
        if value.contains('\0') {
            return Err(VARIABLE.but(
                text.split('=').next().unwrap_or_default(),
                Reason::Character('\0'),
            ));
        }
        Ok(Self {
            name,
            value: value.to_owned(),
        })
    }
}

impl fmt::Display for EnvName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for EnvVar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

serde_as_text!(
    EnvName,
    "the name of an environment variable such as `LOG_LEVEL`"
);
serde_as_text!(EnvVar, "an environment variable such as `LOG_LEVEL=debug`");
