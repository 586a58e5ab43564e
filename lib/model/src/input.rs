//! Documents from people: the same types as everywhere, but a key that means nothing is an error with its place.
//!
//! The types themselves ignore unknown fields and have defaults, because the replicated state is read by newer and older
//! versions. What a person writes comes through here instead, so that a typing mistake is not silently a default.

use std::fmt;

use serde::de::DeserializeOwned;

/// What is wrong with a document.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InputError {
    #[error("{}{message}", at(*.place))]
    Malformed {
        place: Option<Place>,
        message: String,
    },
    #[error("{}unknown key `{path}`{}", at(*.place), more(*.others))]
    UnknownKey {
        place: Option<Place>,
        /// From the top: `containers[0].imgae`.
        path: String,
        /// How many more unknown keys follow.
        others: usize,
    },
}

/// A place in a document, both counted from 1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

/// Reads TOML.
pub fn from_toml<T: DeserializeOwned>(text: &str) -> Result<T, InputError> {
    let malformed = |error: toml::de::Error| InputError::Malformed {
        place: error.span().map(|span| place_of(text, span.start)),
        message: one_line(error.message()),
    };
    let deserializer = toml::Deserializer::parse(text).map_err(malformed)?;
    let mut unknown = Unknown::default();
    let value =
        serde_ignored::deserialize(deserializer, |path| unknown.note(&path)).map_err(malformed)?;
    unknown.refuse(value, |path| {
        key_start(text, path).map(|start| place_of(text, start))
    })
}

/// Reads JSON: exactly one value.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, InputError> {
    let malformed = |error: serde_json::Error| {
        let place = Place {
            line: error.line(),
            column: error.column(),
        };
        let message = error.to_string();
        // The message repeats the place at its end.
        let message = message.split(" at line ").next().unwrap_or_default();
        InputError::Malformed {
            place: (place.line > 0).then_some(place),
            message: one_line(message),
        }
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut unknown = Unknown::default();
    let value = serde_ignored::deserialize(&mut deserializer, |path| unknown.note(&path))
        .map_err(malformed)?;
    deserializer.end().map_err(malformed)?;
    unknown.refuse(value, |_| None)
}

/// A step from a value to a part of it.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Step {
    Key(String),
    Index(usize),
}

/// The first unknown key, and how many there are.
#[derive(Default)]
struct Unknown {
    first: Option<Vec<Step>>,
    count: usize,
}

impl Unknown {
    fn note(&mut self, path: &serde_ignored::Path<'_>) {
        self.count += 1;
        if self.first.is_none() {
            let mut steps = Vec::new();
            collect(path, &mut steps);
            self.first = Some(steps);
        }
    }

    fn refuse<T>(
        self,
        value: T,
        place: impl FnOnce(&[Step]) -> Option<Place>,
    ) -> Result<T, InputError> {
        match self.first {
            None => Ok(value),
            Some(steps) => Err(InputError::UnknownKey {
                place: place(&steps),
                path: one_line(&written(&steps)),
                others: self.count - 1,
            }),
        }
    }
}

fn collect(path: &serde_ignored::Path<'_>, steps: &mut Vec<Step>) {
    use serde_ignored::Path;
    match path {
        Path::Root => {}
        Path::Seq { parent, index } => {
            collect(parent, steps);
            steps.push(Step::Index(*index));
        }
        Path::Map { parent, key } => {
            collect(parent, steps);
            steps.push(Step::Key(key.clone()));
        }
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => {
            collect(parent, steps);
        }
    }
}

fn written(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => text.extend([".", key]),
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// Where in a TOML text the key at the end of the path starts.
fn key_start(text: &str, steps: &[Step]) -> Option<usize> {
    use toml::de::{DeTable, DeValue};
    let document = DeTable::parse(text).ok()?;
    let mut here = &DeValue::Table(document.into_inner());
    let mut start = None;
    for step in steps {
        match (step, here) {
            (Step::Key(key), DeValue::Table(table)) => {
                let (found, value) = table.iter().find(|(name, _)| name.get_ref() == key)?;
                start = Some(found.span().start);
                here = value.get_ref();
            }
            (Step::Index(index), DeValue::Array(array)) => here = array.get(*index)?.get_ref(),
            _ => return start,
        }
    }
    start
}

fn place_of(text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn at(place: Option<Place>) -> String {
    place.map_or_else(String::new, |place| format!("{place}: "))
}

fn more(others: usize) -> String {
    if others == 0 {
        String::new()
    } else {
        format!(" (and {others} more)")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}
