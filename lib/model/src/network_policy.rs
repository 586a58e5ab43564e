//! Network policies: who may talk to whom.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::parse_error::{Expected, ParseError, Reason};
use crate::text::serde_as_text;
use crate::{Cidr, Generation, Namespace, ObjectKey, Protocol, Selector, Timestamp, port};

/// A policy as the cluster knows it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct NetworkPolicy {
    pub key: ObjectKey,
    #[serde(default)]
    pub generation: Generation,
    pub spec: NetworkPolicySpec,
    #[serde(default)]
    pub created_at: Timestamp,
}

/// What the selected apps of the namespace may receive and send. Several policies add up.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct NetworkPolicySpec {
    /// The apps it is about; every app of the namespace if empty.
    pub selector: Selector,
    /// Not given: this policy does not restrict what comes in. Empty: nothing comes in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress: Option<Vec<PolicyRule>>,
    /// The same for what goes out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress: Option<Vec<PolicyRule>>,
}

/// Something that is allowed: any of these ports with any of these peers. No ports means all, no peers means everyone.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct PolicyRule {
    pub ports: Vec<PolicyPort>,
    pub peers: Vec<PolicyPeer>,
}

/// The other side of a connection.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyPeer {
    Network(Cidr),
    /// Apps by their labels, in the policy's namespace unless another is named.
    Apps {
        #[serde(default)]
        selector: Selector,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        namespace: Option<Namespace>,
    },
}

/// A protocol with a port or a range of them: `tcp:5432`, `udp:8000-8100`, `tcp` (every port).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PolicyPort {
    pub protocol: Protocol,
    first: u16,
    last: u16,
}

const POLICY_PORT: Expected = Expected {
    what: "a protocol and its ports",
    example: "tcp:5432",
};

impl PolicyPort {
    /// The first and the last port of the range.
    pub const fn range(self) -> (u16, u16) {
        (self.first, self.last)
    }
}

impl FromStr for PolicyPort {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse(text).map_err(|reason| POLICY_PORT.but(text, reason))
    }
}

fn parse(text: &str) -> Result<PolicyPort, Reason> {
    let (protocol, ports) = text
        .split_once(':')
        .map_or((text, None), |(protocol, ports)| (protocol, Some(ports)));
    let protocol = protocol.parse().map_err(|e: ParseError| e.reason)?;
    let (first, last) = match ports.map(|ports| ports.split_once('-').unwrap_or((ports, ports))) {
        Some((first, last)) => (port::number(first)?, port::number(last)?),
        None => (1, u16::MAX),
    };
    if first > last {
        return Err(Reason::Rule("its range goes from large to small"));
    }
    Ok(PolicyPort {
        protocol,
        first,
        last,
    })
}

impl fmt::Display for PolicyPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.protocol.fmt(f)?;
        match (self.first, self.last) {
            (1, u16::MAX) => Ok(()),
            (first, last) if first == last => write!(f, ":{first}"),
            (first, last) => write!(f, ":{first}-{last}"),
        }
    }
}

serde_as_text!(PolicyPort, "a protocol and its ports such as `tcp:5432`");
