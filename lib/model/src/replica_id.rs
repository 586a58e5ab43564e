//! The identity of a replica: which app, which of its slots, and which life of that slot.

use std::fmt;
use std::str::FromStr;

use crate::base32;
use crate::parse_error::{Expected, ParseError, Reason};
use crate::text::serde_as_text;
use crate::{Name, Namespace, ObjectKey};

/// A slot of an app and the incarnation that fills it. Written `web.2-7k3f`, with its namespace `shop/web.2-7k3f`.
///
/// Incarnations never repeat within an app, so an id is never given twice.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ReplicaId {
    pub app: ObjectKey,
    pub slot: u32,
    pub incarnation: u64,
}

const REPLICA_ID: Expected = Expected {
    what: "a replica id",
    example: "web.2-7k3f",
};

impl FromStr for ReplicaId {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let rule = |rule| REPLICA_ID.but(text, Reason::Rule(rule));
        let (app, life) = text
            .split_once('.')
            .ok_or_else(|| rule("there is no `.` after the app's name"))?;
        let (slot, incarnation) = life
            .split_once('-')
            .ok_or_else(|| rule("there is no `-` after the slot"))?;
        let app = app.parse().map_err(|e| REPLICA_ID.because(text, e))?;
        let slot: u32 = canonical_number(slot).ok_or_else(|| rule("the slot is not a number"))?;
        let incarnation = base32::parse(incarnation)
            .and_then(|bits| u64::try_from(bits).ok())
            .filter(|bits| base32::shortest(*bits) == incarnation)
            .ok_or_else(|| rule("what follows the `-` is not an incarnation"))?;
        Ok(Self {
            app,
            slot,
            incarnation,
        })
    }
}

/// A number without sign or leading zeros: one id has one text.
fn canonical_number(text: &str) -> Option<u32> {
    text.parse::<u32>()
        .ok()
        .filter(|number| number.to_string() == text)
}

impl ReplicaId {
    pub fn namespace(&self) -> &Namespace {
        &self.app.namespace
    }

    pub fn app_name(&self) -> &Name {
        &self.app.name
    }
}

impl fmt::Display for ReplicaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!(
            "{}.{}-{}",
            self.app,
            self.slot,
            base32::shortest(self.incarnation)
        ))
    }
}

serde_as_text!(ReplicaId, "a replica id such as `web.2-7k3f`");
