//! Networks: an address and the length of its prefix.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::parse_error::{Expected, ParseError, Reason, clip};
use crate::text::serde_as_text;

/// A network such as `10.0.0.0/8` or `fd00::/8`. The bits after the prefix are always zero.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Cidr {
    address: IpAddr,
    prefix: u8,
}

const CIDR: Expected = Expected {
    what: "a network",
    example: "10.0.0.0/8",
};

impl Cidr {
    /// The network of this prefix length that holds the address; nothing if the prefix is too long.
    pub fn containing(address: IpAddr, prefix: u8) -> Option<Self> {
        (prefix <= width(address)).then(|| Self {
            address: masked(address, prefix),
            prefix,
        })
    }

    pub const fn address(self) -> IpAddr {
        self.address
    }

    pub const fn prefix(self) -> u8 {
        self.prefix
    }

    pub fn contains(self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4() && masked(address, self.prefix) == self.address
    }

    pub fn overlaps(self, other: Self) -> bool {
        self.contains(other.address) || other.contains(self.address)
    }

    /// Number `index` of the networks of a longer prefix within this one.
    pub fn subnet(self, prefix: u8, index: u64) -> Option<Self> {
        let width = width(self.address);
        if prefix < self.prefix || prefix > width {
            return None;
        }
        let room = prefix - self.prefix;
        if room < 64 && index >> room != 0 {
            return None;
        }
        let offset = u128::from(index)
            .checked_shl(u32::from(width - prefix))
            .unwrap_or(0);
        Some(Self {
            address: from_bits(self.address, bits(self.address) | offset),
            prefix,
        })
    }

    /// Address number `index` within this network.
    pub fn host(self, index: u64) -> Option<IpAddr> {
        self.subnet(width(self.address), index).map(Self::address)
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_bits().into(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

fn from_bits(family: IpAddr, bits: u128) -> IpAddr {
    match family {
        // The upper bits are zero: they come from an IPv4 address.
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::from_bits(bits as u32)),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::from_bits(bits)),
    }
}

fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    let host_bits = u32::from(width(address).saturating_sub(prefix));
    let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
    from_bits(address, bits(address) & mask)
}

impl FromStr for Cidr {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse(text).map_err(|reason| CIDR.but(text, reason))
    }
}

fn parse(text: &str) -> Result<Cidr, Reason> {
    let Some((address_text, prefix_text)) = text.split_once('/') else {
        let address: Option<IpAddr> = text.parse().ok();
        return Err(address.map_or(
            Reason::Rule("there is no `/` with a prefix length in it"),
            |address| {
                let correction = format!("{address}/{}", width(address));
                Reason::Correction {
                    rule: "there is no prefix length",
                    correction,
                }
            },
        ));
    };
    let address: IpAddr = address_text.parse().map_err(|_| Reason::Part {
        part: clip(address_text),
        rule: "is not an IPv4 or IPv6 address",
    })?;
    let max = width(address);
    let prefix: Option<u8> = prefix_text.parse().ok();
    let prefix = prefix.filter(|prefix| *prefix <= max && prefix.to_string() == prefix_text);
    let prefix = prefix.ok_or_else(|| Reason::OutOfRange {
        part: clip(prefix_text),
        min: 0,
        max: max.into(),
    })?;
    let network = Cidr {
        address: masked(address, prefix),
        prefix,
    };
    if network.address != address {
        let rule = "it has bits set after its prefix";
        return Err(Reason::Correction {
            rule,
            correction: network.to_string(),
        });
    }
    Ok(network)
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.address, self.prefix))
    }
}

serde_as_text!(Cidr, "a network such as `10.0.0.0/8`");
