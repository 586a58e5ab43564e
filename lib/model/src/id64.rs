//! Identities of 64 bits: 13 characters as text, one integer in binary formats.

use crate::base32;
use crate::parse_error::{Expected, ParseError, Reason};

const LENGTH: usize = 13;

pub(crate) fn format(bits: u64) -> String {
    base32::fixed(bits.into(), LENGTH)
}

pub(crate) fn parse(text: &str, what: &'static str) -> Result<u64, ParseError> {
    let expected = Expected {
        what,
        example: "3v8qk2m7w0xth",
    };
    let wrong = || {
        expected.but(
            text,
            Reason::Rule("it must be 13 characters of 0-9 and a-z without i, l, o, u"),
        )
    };
    if text.len() != LENGTH {
        return Err(wrong());
    }
    // 13 characters hold 65 bits: the first may only be 0 to f.
    base32::parse(text)
        .and_then(|bits| u64::try_from(bits).ok())
        .ok_or_else(wrong)
}

macro_rules! id64 {
    ($(#[$meta:meta])* pub struct $name:ident($what:literal)) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(u64);

        impl $name {
            pub const fn from_u64(bits: u64) -> Self {
                Self(bits)
            }

            pub const fn as_u64(self) -> u64 {
                self.0
            }
        }

        impl From<u64> for $name {
            fn from(bits: u64) -> Self {
                Self(bits)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&$crate::id64::format(self.0))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ParseError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::id64::parse(text, $what).map(Self)
            }
        }

        $crate::text::serde_as_quantity!($name, u64, $what, $name::as_u64, $name::from_u64);
    };
}

pub(crate) use id64;
