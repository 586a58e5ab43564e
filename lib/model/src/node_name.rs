//! Names of nodes: host names, so dots are allowed.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::name::check_label;
use crate::parse_error::{Expected, ParseError, Reason, clip};
use crate::text::serde_as_text;

/// A node's name: a host name in lower case such as `node-1` or `node-1.example.com`, at most 253 characters.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NodeName(Arc<str>);

const NODE_NAME: Expected = Expected {
    what: "a node name",
    example: "node-1.example.com",
};
const LENGTH: usize = 253;

impl NodeName {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest node name to what the operating system calls the host (`My_Host.` becomes `my-host`), if there is one.
    pub fn from_hostname(host: &str) -> Option<Self> {
        let lower = host
            .trim()
            .trim_end_matches('.')
            .to_ascii_lowercase()
            .replace('_', "-");
        let labels: Vec<&str> = lower
            .split('.')
            .map(|label| label.trim_matches('-'))
            .collect();
        labels.join(".").parse().ok()
    }
}

impl FromStr for NodeName {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if text.len() > LENGTH {
            return Err(NODE_NAME.but(text, Reason::TooLong { max: LENGTH }));
        }
        for label in text.split('.') {
            check_label(label)
                .map_err(|reason| NODE_NAME.but(text, in_label(text, label, reason)))?;
        }
        Ok(Self(text.into()))
    }
}

/// A reason about one label, told so that it is true of the whole name.
fn in_label(text: &str, label: &str, reason: Reason) -> Reason {
    if matches!(reason, Reason::TooLong { .. }) {
        return Reason::Part {
            part: clip(label),
            rule: "is longer than 63 characters",
        };
    }
    if matches!(reason, Reason::Empty) && !text.is_empty() {
        return Reason::Rule("there is nothing between two of its dots");
    }
    if let Reason::Correction { rule, .. } = reason {
        let correction = text.to_ascii_lowercase();
        let works = correction.parse::<NodeName>().is_ok();
        return if works {
            Reason::Correction { rule, correction }
        } else {
            Reason::Rule(rule)
        };
    }
    reason
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for NodeName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

serde_as_text!(NodeName, "a node name such as `node-1`");
