//! What an event, an alert or an audit entry is about.

use std::fmt;
use std::str::FromStr;

use crate::parse_error::{Expected, ParseError, Reason, clip};
use crate::text::{serde_as_text, words};

words! {
    /// The kinds of things that have names.
    #[derive(Hash)]
    pub enum ObjectKind("a kind of thing") {
        Alert = "alert",
        App = "app",
        Cluster = "cluster",
        ConfigSet = "config-set",
        CronJob = "cron-job",
        Job = "job",
        NetworkPolicy = "network-policy",
        Node = "node",
        Quota = "quota",
        Replica = "replica",
        Revision = "revision",
        Role = "role",
        Secret = "secret",
        Service = "service",
        Setting = "setting",
        Tenant = "tenant",
        Token = "token",
        User = "user",
        Volume = "volume",
    }
}

/// A kind and a name: `app shop/web`, `node node-1`. The name is that thing's own text form.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ObjectRef {
    kind: ObjectKind,
    name: String,
}

const OBJECT: Expected = Expected {
    what: "a kind and a name",
    example: "app shop/web",
};
const LENGTH: usize = 300;

impl ObjectRef {
    pub fn new(kind: ObjectKind, name: &impl fmt::Display) -> Self {
        Self {
            kind,
            name: clean(&name.to_string()),
        }
    }

    pub const fn kind(&self) -> ObjectKind {
        self.kind
    }

    pub fn name(&self) -> &str {
        &self.name
    }
}

/// One line, no longer than the longest name: whatever is asked for, the reference can be read back.
fn clean(name: &str) -> String {
    let mut end = name.len().min(LENGTH);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name[..end]
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

impl FromStr for ObjectRef {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (kind, name) = text
            .split_once(' ')
            .ok_or_else(|| OBJECT.but(text, Reason::Rule("there is no space after the kind")))?;
        let kind = kind.parse().map_err(|e| OBJECT.because(text, e))?;
        if clean(name) != name {
            return Err(OBJECT.but(
                text,
                Reason::Part {
                    part: clip(name),
                    rule: "is not a name",
                },
            ));
        }
        Ok(Self {
            kind,
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.kind, self.name))
    }
}

serde_as_text!(ObjectRef, "a kind and a name such as `app web`");
