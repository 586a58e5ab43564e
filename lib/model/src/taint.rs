//! Taints keep replicas off a node, tolerations let them on.

use std::fmt;
use std::str::FromStr;

use crate::parse_error::{Expected, ParseError, Reason};
use crate::text::{serde_as_text, words};
use crate::{LabelKey, LabelValue};

/// A mark on a node that repels replicas: `gpu=only:no-schedule`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Taint {
    pub key: LabelKey,
    pub value: LabelValue,
    pub effect: TaintEffect,
}

/// What a replica puts up with: `gpu=only:no-schedule`, `gpu=only` (any effect), `gpu` (any value), `*` (every taint).
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Toleration {
    pub key: Option<LabelKey>,
    pub value: Option<LabelValue>,
    pub effect: Option<TaintEffect>,
}

words! {
    /// What a taint does to replicas that do not tolerate it.
    #[derive(Hash)]
    pub enum TaintEffect("an effect of a taint") {
        /// None is placed there.
        NoSchedule = "no-schedule" | "NoSchedule",
        /// None is placed there while there is another node.
        PreferNoSchedule = "prefer-no-schedule" | "PreferNoSchedule",
        /// None is placed there, and those that are there move away.
        NoExecute = "no-execute" | "NoExecute",
    }
}

const TAINT: Expected = Expected {
    what: "a taint",
    example: "gpu=only:no-schedule",
};
const TOLERATION: Expected = Expected {
    what: "a toleration",
    example: "gpu=only:no-schedule",
};

impl Toleration {
    pub fn tolerates(&self, taint: &Taint) -> bool {
        self.key.as_ref().is_none_or(|key| *key == taint.key)
            && self
                .value
                .as_ref()
                .is_none_or(|value| *value == taint.value)
            && self.effect.is_none_or(|effect| effect == taint.effect)
    }
}

impl FromStr for Taint {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let Toleration { key, value, effect } =
            parse(text).map_err(|reason| TAINT.but(text, reason))?;
        let rule = |rule| TAINT.but(text, Reason::Rule(rule));
        let key = key.ok_or_else(|| rule("it has no key"))?;
        let effect = effect.ok_or_else(|| rule("there is no `:` and effect at its end"))?;
        Ok(Self {
            key,
            value: value.unwrap_or_default(),
            effect,
        })
    }
}

impl FromStr for Toleration {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse(text).map_err(|reason| TOLERATION.but(text, reason))
    }
}

fn parse(text: &str) -> Result<Toleration, Reason> {
    let (label, effect) = match text.rsplit_once(':') {
        Some((label, effect)) => (
            label,
            Some(effect.parse().map_err(|e: ParseError| e.reason)?),
        ),
        None => (text, None),
    };
    if label == "*" {
        return Ok(Toleration {
            key: None,
            value: None,
            effect,
        });
    }
    let (key, value) = match label.split_once('=') {
        Some((key, value)) => (key, Some(value.parse().map_err(|e: ParseError| e.reason)?)),
        None => (label, None),
    };
    let key = key.parse().map_err(|e: ParseError| e.reason)?;
    Ok(Toleration {
        key: Some(key),
        value,
        effect,
    })
}

impl fmt::Display for Taint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.value.as_str().is_empty() {
            write!(f, "{}:{}", self.key, self.effect)
        } else {
            write!(f, "{}={}:{}", self.key, self.value, self.effect)
        }
    }
}

impl fmt::Display for Toleration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key.as_ref().map_or("*", LabelKey::as_str))?;
        // A value without a key cannot be written, and means nothing.
        if let (Some(_), Some(value)) = (&self.key, &self.value) {
            write!(f, "={value}")?;
        }
        match self.effect {
            Some(effect) => write!(f, ":{effect}"),
            None => Ok(()),
        }
    }
}

serde_as_text!(Taint, "a taint such as `gpu=only:no-schedule`");
serde_as_text!(Toleration, "a toleration such as `gpu=only`");
