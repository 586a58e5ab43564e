//! Ports of containers and how they are published on nodes.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::Protocol;
use crate::parse_error::{Expected, ParseError, Reason, clip};
use crate::text::serde_as_text_or_number;

/// A port that an app listens on, and where nodes publish it.
///
/// `80` is reachable inside the cluster only; `8080:80` also as port 8080 of the node; `127.0.0.1:8080:80` there on one
/// address (`[::1]:8080:80` for IPv6). `/udp` at the end changes the protocol.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Port {
    pub container: u16,
    pub protocol: Protocol,
    pub publish: Option<Publish>,
}

/// A port of the node that leads to a container's.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Publish {
    /// Every address of the node if none is given.
    pub address: Option<IpAddr>,
    pub host: u16,
}

const PORT: Expected = Expected {
    what: "a port",
    example: "8080:80",
};

impl FromStr for Port {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse(text).map_err(|reason| PORT.but(text, reason))
    }
}

fn parse(text: &str) -> Result<Port, Reason> {
    let (ports, protocol) = match text.split_once('/') {
        Some((ports, protocol)) => (ports, protocol.parse().map_err(|e: ParseError| e.reason)?),
        None => (text, Protocol::default()),
    };
    let Some((published, container)) = ports.rsplit_once(':') else {
        return Ok(Port {
            container: number(ports)?,
            protocol,
            publish: None,
        });
    };
    let (address, host) = match published.rsplit_once(':') {
        Some((address, host)) => (Some(parse_address(address)?), host),
        None => (None, published),
    };
    let publish = Some(Publish {
        address,
        host: number(host)?,
    });
    Ok(Port {
        container: number(container)?,
        protocol,
        publish,
    })
}

fn parse_address(text: &str) -> Result<IpAddr, Reason> {
    let bare = match text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        Some(inner) => inner.parse().map(IpAddr::V6).ok(),
        None => text.parse().map(IpAddr::V4).ok(),
    };
    bare.ok_or_else(|| Reason::Part {
        part: clip(text),
        rule: "is not an address (IPv6 goes into brackets)",
    })
}

/// A port number: 1 to 65535.
pub(crate) fn number(text: &str) -> Result<u16, Reason> {
    if text.is_empty() {
        return Err(Reason::Rule("a port is missing"));
    }
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Reason::NotANumber { part: clip(text) });
    }
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| Reason::OutOfRange {
        part: clip(text),
        min: 1,
        max: 65535,
    })
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(publish) = self.publish {
            match publish.address {
                Some(IpAddr::V4(address)) => write!(f, "{address}:{}:", publish.host)?,
                Some(IpAddr::V6(address)) => write!(f, "[{address}]:{}:", publish.host)?,
                None => write!(f, "{}:", publish.host)?,
            }
        }
        write!(f, "{}", self.container)?;
        match self.protocol {
            Protocol::Tcp => Ok(()),
            Protocol::Udp => f.write_str("/udp"),
        }
    }
}

serde_as_text_or_number!(Port, "a port such as \"8080:80\"");
