//! Values of environment variables and files: written out, or taken from a config set or a secret.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{ConfigKey, Name};

/// A literal text, or a reference into the namespace of the app. A literal is written as a text:
/// `LOG = "debug"`, `TOKEN = { secret = { name = "api", key = "token" } }`.
#[derive(Clone, Eq, Ord, PartialEq, PartialOrd)]
pub enum Value {
    Literal(String),
    Config { name: Name, key: ConfigKey },
    Secret { name: Name, key: ConfigKey },
}

impl Value {
    pub fn literal(text: impl Into<String>) -> Self {
        Self::Literal(text.into())
    }
}

/// Literals are often passwords, whatever they should be: debug output does not show them.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(text) => write!(f, "Literal({} bytes)", text.len()),
            Self::Config { name, key } => write!(f, "Config({name}/{key})"),
            Self::Secret { name, key } => write!(f, "Secret({name}/{key})"),
        }
    }
}

/// The references alone, in the form that serde derives.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case", rename = "reference")]
enum Reference {
    Config { name: Name, key: ConfigKey },
    Secret { name: Name, key: ConfigKey },
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.clone() {
            Self::Literal(text) => serializer.serialize_str(&text),
            Self::Config { name, key } => Reference::Config { name, key }.serialize(serializer),
            Self::Secret { name, key } => Reference::Secret { name, key }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> de::Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, { config = { name, key } } or { secret = { name, key } }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::literal(text))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        Ok(
            match Reference::deserialize(MapAccessDeserializer::new(map))? {
                Reference::Config { name, key } => Value::Config { name, key },
                Reference::Secret { name, key } => Value::Secret { name, key },
            },
        )
    }
}
