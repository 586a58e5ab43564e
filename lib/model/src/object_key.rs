//! The key of every namespaced thing.

use std::fmt;
use std::str::FromStr;

use crate::parse_error::{Expected, ParseError};
use crate::text::serde_as_text;
use crate::{Name, Namespace};

/// Namespace and name. Written `web` in the default namespace and `shop/web` in any other; `default/web` is read too.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ObjectKey {
    pub namespace: Namespace,
    pub name: Name,
}

const KEY: Expected = Expected {
    what: "a name with or without its namespace",
    example: "shop/web",
};

impl ObjectKey {
    pub fn new(namespace: Namespace, name: Name) -> Self {
        Self { namespace, name }
    }
}

impl FromStr for ObjectKey {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (namespace, name) = match text.split_once('/') {
            Some((namespace, name)) => (namespace.parse().map_err(|e| KEY.because(text, e))?, name),
            None => (Namespace::default(), text),
        };
        let name = name.parse().map_err(|e| KEY.because(text, e))?;
        Ok(Self { namespace, name })
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_default() {
            self.name.fmt(f)
        } else {
            f.pad(&format!("{}/{}", self.namespace, self.name))
        }
    }
}

serde_as_text!(ObjectKey, "a name such as `web` or `shop/web`");
