//! What is mounted into a container, and where.

use std::fmt;
use std::str::FromStr;

use crate::parse_error::{Expected, ParseError, Reason};
use crate::text::{serde_as_text, words};
use crate::{AbsolutePath, Name};

/// A mount: `data:/var/lib/data` (a volume), `/etc/ssl:/etc/ssl:ro` (a path of the node), `config/app:/etc/app` (a config
/// set, one file a key), `secret/tls:/etc/tls`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Mount {
    pub source: MountSource,
    pub target: AbsolutePath,
    pub access: Access,
}

/// Where a mount's content comes from.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum MountSource {
    Volume(Name),
    /// A path of the node itself.
    Host(AbsolutePath),
    Config(Name),
    Secret(Name),
}

words! {
    /// Whether a container may write to a mount.
    #[derive(Default, Hash)]
    pub enum Access("an access mode") {
        #[default]
        ReadWrite = "rw",
        ReadOnly = "ro",
    }
}

const MOUNT: Expected = Expected {
    what: "a mount",
    example: "data:/var/lib/data",
};

impl FromStr for Mount {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse(text).map_err(|reason| MOUNT.but(text, reason))
    }
}

fn parse(text: &str) -> Result<Mount, Reason> {
    let (source, rest) = text
        .split_once(':')
        .ok_or(Reason::Rule("there is no `:` between what and where"))?;
    let (target, access) = match rest.split_once(':') {
        Some((target, access)) => (
            target,
            Some(access.parse::<Access>().map_err(|e| e.reason)?),
        ),
        None => (rest, None),
    };
    let source = parse_source(source)?;
    let target: AbsolutePath = target.parse().map_err(|e: ParseError| e.reason)?;
    if target.is_root() {
        return Err(Reason::Rule("nothing can be mounted over `/`"));
    }
    // Config sets and secrets are never written through their mounts.
    let access = match &source {
        MountSource::Volume(_) | MountSource::Host(_) => access.unwrap_or_default(),
        MountSource::Config(_) | MountSource::Secret(_) if access == Some(Access::ReadWrite) => {
            return Err(Reason::Rule(
                "config sets and secrets are mounted read-only",
            ));
        }
        MountSource::Config(_) | MountSource::Secret(_) => Access::ReadOnly,
    };
    Ok(Mount {
        source,
        target,
        access,
    })
}

fn parse_source(text: &str) -> Result<MountSource, Reason> {
    let name = |text: &str| text.parse::<Name>().map_err(|e| e.reason);
    if text.starts_with('/') {
        return text
            .parse()
            .map(MountSource::Host)
            .map_err(|e: ParseError| e.reason);
    }
    match text.split_once('/') {
        Some(("config", rest)) => name(rest).map(MountSource::Config),
        Some(("secret", rest)) => name(rest).map(MountSource::Secret),
        Some(_) => Err(Reason::Rule(
            "what is mounted is neither a volume's name, an absolute path, `config/NAME` nor `secret/NAME`",
        )),
        None => name(text).map(MountSource::Volume),
    }
}

impl fmt::Display for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.source, self.target)?;
        match (&self.source, self.access) {
            (MountSource::Volume(_) | MountSource::Host(_), Access::ReadOnly) => f.write_str(":ro"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for MountSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Volume(name) => name.fmt(f),
            Self::Host(path) => path.fmt(f),
            Self::Config(name) => write!(f, "config/{name}"),
            Self::Secret(name) => write!(f, "secret/{name}"),
        }
    }
}

serde_as_text!(Mount, "a mount such as \"data:/var/lib/data\"");
