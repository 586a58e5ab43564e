//! Following one kind of object: what there is now, and what just changed.

use std::collections::BTreeMap;

use hm_api::Exit;
use hm_api::watch::Kind;
use hm_client::{Change, Client};
use serde::de::DeserializeOwned;

use crate::CliError;

/// What just happened to the objects.
#[derive(Debug, PartialEq)]
pub enum Update<'a, T> {
    /// All that there is has been heard for the first time.
    Current,
    Changed {
        key: &'a str,
        before: Option<T>,
    },
    Removed {
        before: T,
    },
}

/// Calls `tell` with all objects of a kind and what just happened, until that fails or the daemon stays away.
pub fn follow<T: DeserializeOwned + PartialEq>(
    client: &Client,
    kind: Kind,
    mut tell: impl FnMut(&BTreeMap<String, T>, Update<'_, T>) -> Result<(), CliError>,
) -> Result<Exit, CliError> {
    let mut watch = client.watch(&[kind])?;
    let mut known = Known::default();
    loop {
        known.apply(watch.next()?, &mut tell)?;
    }
}

/// The objects as far as they have been told.
#[derive(Debug)]
struct Known<T> {
    now: BTreeMap<String, T>,
    /// What was known before a restart and has not been heard of since.
    unheard: BTreeMap<String, T>,
    current: bool,
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self {
            now: BTreeMap::new(),
            unheard: BTreeMap::new(),
            current: false,
        }
    }
}

impl<T: DeserializeOwned + PartialEq> Known<T> {
    fn apply(
        &mut self,
        change: Change,
        tell: &mut impl FnMut(&BTreeMap<String, T>, Update<'_, T>) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        match change {
            Change::Restart => {
                self.unheard.append(&mut self.now);
                Ok(())
            }
            Change::Put { key, object, .. } => {
                let object: T = serde_json::from_value(object)
                    .map_err(|error| CliError::from_error(Exit::Failed, "bad_answer", &error))?;
                let before = self.now.remove(&key).or_else(|| self.unheard.remove(&key));
                let changed = before.as_ref() != Some(&object);
                self.now.insert(key.clone(), object);
                if self.current && changed {
                    tell(&self.now, Update::Changed { key: &key, before })
                } else {
                    Ok(())
                }
            }
            Change::Delete { key, .. } => {
                match self.now.remove(&key).or_else(|| self.unheard.remove(&key)) {
                    Some(before) if self.current => tell(&self.now, Update::Removed { before }),
                    _ => Ok(()),
                }
            }
            Change::Current => {
                for before in std::mem::take(&mut self.unheard).into_values() {
                    tell(&self.now, Update::Removed { before })?;
                }
                if std::mem::replace(&mut self.current, true) {
                    Ok(())
                } else {
                    tell(&self.now, Update::Current)
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(key: &str, value: u32) -> Change {
        Change::Put {
            kind: Kind::Node,
            key: key.to_owned(),
            object: value.into(),
        }
    }

    fn delete(key: &str) -> Change {
        Change::Delete {
            kind: Kind::Node,
            key: key.to_owned(),
        }
    }

    fn told(changes: impl IntoIterator<Item = Change>) -> Vec<String> {
        let mut known = Known::<u32>::default();
        let mut told = Vec::new();
        for change in changes {
            let mut tell = |now: &BTreeMap<String, u32>, update: Update<'_, u32>| {
                told.push(match update {
                    Update::Current => format!("current {now:?}"),
                    Update::Changed { key, before } => format!("{key} {before:?} -> {}", now[key]),
                    Update::Removed { before } => format!("removed {before}"),
                });
                Ok(())
            };
            known.apply(change, &mut tell).expect("numbers");
        }
        told
    }

    #[test]
    fn first_everything_then_only_what_is_new() {
        let changes = [
            put("a", 1),
            put("b", 2),
            Change::Current,
            put("a", 1),
            put("a", 3),
            delete("b"),
            delete("b"),
        ];
        assert_eq!(
            told(changes),
            [
                "current {\"a\": 1, \"b\": 2}",
                "a Some(1) -> 3",
                "removed 2"
            ]
        );
    }

    #[test]
    fn after_a_restart_only_the_differences_are_told() {
        let changes = [
            put("a", 1),
            put("b", 2),
            put("c", 3),
            Change::Current,
            Change::Restart,
            put("a", 1),
            put("b", 4),
        ];
        let changes = changes.into_iter().chain([Change::Current]);
        assert_eq!(
            told(changes),
            [
                "current {\"a\": 1, \"b\": 2, \"c\": 3}",
                "b Some(2) -> 4",
                "removed 3"
            ]
        );
    }

    #[test]
    fn an_object_of_another_shape_is_an_error() {
        let mut known = Known::<u32>::default();
        let change = Change::Put {
            kind: Kind::Node,
            key: "a".into(),
            object: "x".into(),
        };
        assert!(known.apply(change, &mut |_, _| Ok(())).is_err());
    }
}
