//! Selectors: which labelled things are meant.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::parse_error::{Expected, ParseError, Reason};
use crate::text::serde_as_text;
use crate::{LabelKey, LabelValue, Labels};

/// Requirements that must all hold: `app=web,tier!=test,zone in (a|b),gpu,!old`. The empty selector means everything.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Selector {
    requirements: BTreeSet<Requirement>,
}

/// One condition on labels.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Requirement {
    Equals(LabelKey, LabelValue),
    /// Also holds where the label is missing.
    Differs(LabelKey, LabelValue),
    OneOf(LabelKey, BTreeSet<LabelValue>),
    Exists(LabelKey),
    Missing(LabelKey),
}

const SELECTOR: Expected = Expected {
    what: "a selector",
    example: "app=web,tier!=test",
};

impl Selector {
    pub fn new(requirements: impl IntoIterator<Item = Requirement>) -> Self {
        Self {
            requirements: requirements.into_iter().collect(),
        }
    }

    /// Whether it has no requirement and so means everything.
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }

    pub fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.requirements.iter()
    }

    pub fn matches(&self, labels: &Labels) -> bool {
        self.requirements
            .iter()
            .all(|requirement| requirement.holds(labels))
    }
}

impl Requirement {
    pub fn holds(&self, labels: &Labels) -> bool {
        match self {
            Self::Equals(key, value) => labels.get(key) == Some(value),
            Self::Differs(key, value) => labels.get(key) != Some(value),
            Self::OneOf(key, values) => labels.get(key).is_some_and(|value| values.contains(value)),
            Self::Exists(key) => labels.contains_key(key),
            Self::Missing(key) => !labels.contains_key(key),
        }
    }
}

impl FromStr for Selector {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        text.split(',')
            .map(|part| requirement(part.trim()).map_err(|reason| SELECTOR.but(text, reason)))
            .collect()
    }
}

impl FromIterator<Requirement> for Selector {
    fn from_iter<I: IntoIterator<Item = Requirement>>(requirements: I) -> Self {
        Self::new(requirements)
    }
}

fn requirement(text: &str) -> Result<Requirement, Reason> {
    let key = |text: &str| text.trim().parse::<LabelKey>().map_err(|e| e.reason);
    let value = |text: &str| text.trim().parse::<LabelValue>().map_err(|e| e.reason);
    if text.is_empty() {
        return Err(Reason::Rule("there is nothing between two of its commas"));
    }
    if let Some((left, right)) = text.split_once("!=") {
        return Ok(Requirement::Differs(key(left)?, value(right)?));
    }
    if let Some((left, right)) = text.split_once('=') {
        let right = right.strip_prefix('=').unwrap_or(right);
        return Ok(Requirement::Equals(key(left)?, value(right)?));
    }
    if let Some(missing) = text.strip_prefix('!') {
        return Ok(Requirement::Missing(key(missing)?));
    }
    if let Some((left, right)) = text.split_once(" in ") {
        let list = right
            .trim()
            .strip_prefix('(')
            .and_then(|list| list.strip_suffix(')'));
        let list = list.ok_or(Reason::Rule(
            "what follows `in` is not a list such as `(a|b)`",
        ))?;
        return Ok(Requirement::OneOf(
            key(left)?,
            list.split('|').map(value).collect::<Result<_, _>>()?,
        ));
    }
    key(text).map(Requirement::Exists)
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, requirement) in self.requirements.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            requirement.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(key, value) => write!(f, "{key}={value}"),
            Self::Differs(key, value) => write!(f, "{key}!={value}"),
            Self::OneOf(key, values) => {
                let values: Vec<&str> = values.iter().map(LabelValue::as_str).collect();
                write!(f, "{key} in ({})", values.join("|"))
            }
            Self::Exists(key) => key.fmt(f),
            Self::Missing(key) => write!(f, "!{key}"),
        }
    }
}

serde_as_text!(Selector, "a selector such as `app=web`");
