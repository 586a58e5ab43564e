//! How the types of this crate meet serde: as text for people, compact in binary formats.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de;

/// Reads a type from text, and from a bare number where a format has those (`cpu = 2`).
pub(crate) struct TextVisitor<T>(pub(crate) &'static str, pub(crate) PhantomData<T>);

impl<T> de::Visitor<'_> for TextVisitor<T>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Like [`TextVisitor`], for quantities: a bare number is read as its decimal text, so `0.5` stays exact.
pub(crate) struct QuantityVisitor<T>(pub(crate) &'static str, pub(crate) PhantomData<T>);

impl<T> de::Visitor<'_> for QuantityVisitor<T>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }
}

/// Serde through `Display` and `FromStr`, in every format.
macro_rules! serde_as_text {
    ($type:ty, $expecting:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::text::TextVisitor(
                    $expecting,
                    std::marker::PhantomData,
                ))
            }
        }
    };
}

/// Serde as text in every format; bare numbers are read too.
macro_rules! serde_as_text_or_number {
    ($type:ty, $expecting:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any($crate::text::QuantityVisitor(
                    $expecting,
                    std::marker::PhantomData,
                ))
            }
        }
    };
}

/// Serde as text for people (bare numbers are read too) and as one integer in binary formats.
macro_rules! serde_as_quantity {
    ($type:ty, $int:ty, $expecting:literal, $to:path, $from:path) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serde::Serialize::serialize(&$to(*self), serializer)
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    deserializer.deserialize_any($crate::text::QuantityVisitor(
                        $expecting,
                        std::marker::PhantomData,
                    ))
                } else {
                    <$int as serde::Deserialize>::deserialize(deserializer).map($from)
                }
            }
        }
    };
}

/// A closed set of words: the enum, its list, its text form and serde through it.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $name:ident ($what:literal) {
            $( $(#[$vmeta:meta])* $variant:ident = $text:literal $(| $alias:literal)* ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub enum $name {
            $( $(#[$vmeta])* $variant, )+
        }

        impl $name {
            /// Every one of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $text, )+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ParseError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $( $text $(| $alias)* => Ok(Self::$variant), )+
                    _ => {
                        let all = [$($text),+];
                        let expected = $crate::parse_error::Expected { what: $what, example: all[0] };
                        Err(expected.but(text, $crate::Reason::Choice { choices: all.join(", ") }))
                    }
                }
            }
        }

        $crate::text::serde_as_text!($name, $what);
    };
}

pub(crate) use {serde_as_quantity, serde_as_text, serde_as_text_or_number, words};
