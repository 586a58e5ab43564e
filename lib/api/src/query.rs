//! Queries: described once in the route table, written by the client, read strictly by the server.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

/// A parameter in a path or a query.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub description: &'static str,
    pub kind: ParameterKind,
}

#[derive(Clone, Copy, Debug)]
pub enum ParameterKind {
    Integer {
        minimum: u64,
        maximum: u64,
    },
    /// Length in characters, and the pattern for the document.
    Text {
        longest: usize,
        pattern: &'static str,
    },
    OneOf(&'static [&'static str]),
    /// Several of these, separated by commas.
    SomeOf(&'static [&'static str]),
}

/// Why a query cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum QueryError {
    #[error("unknown query parameter `{name}`{}", takes(known))]
    Unknown {
        name: String,
        known: Vec<&'static str>,
    },
    #[error("query parameter `{name}` is given twice")]
    Twice { name: &'static str },
    #[error("`{name}`: `{value}` is not {expected}")]
    Value {
        name: &'static str,
        value: String,
        expected: String,
    },
    #[error("the query does not fit")]
    Shape(#[source] ShapeError),
}

/// The table and the type disagree: a fault of the program.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct ShapeError(String);

fn takes(names: &[&'static str]) -> String {
    match names {
        [] => "; none is taken here".to_owned(),
        names => format!("; known are {}", names.join(", ")),
    }
}

/// Writes a query, without the question mark.
pub fn encode<T: Serialize>(query: &T) -> String {
    serde_json::to_value(query)
        .map(|value| encode_value(&value))
        .unwrap_or_default()
}

fn encode_value(query: &Value) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for (name, value) in query.as_object().into_iter().flatten() {
        out.append_pair(name, &text_of(value));
    }
    out.finish()
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text_of).collect::<Vec<_>>().join(","),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// Reads a query of exactly these parameters.
pub fn decode<T: DeserializeOwned>(
    parameters: &'static [Parameter],
    raw: &str,
) -> Result<T, QueryError> {
    let object = Value::Object(read(parameters, raw)?);
    serde_json::from_value(object).map_err(|error| QueryError::Shape(ShapeError(error.to_string())))
}

/// Checks a query against its parameters.
pub fn check(parameters: &'static [Parameter], raw: &str) -> Result<(), QueryError> {
    read(parameters, raw).map(drop)
}

fn read(parameters: &'static [Parameter], raw: &str) -> Result<Map<String, Value>, QueryError> {
    let mut object = Map::new();
    for (name, text) in form_urlencoded::parse(raw.as_bytes()) {
        let Some(parameter) = parameters.iter().find(|p| p.name == name) else {
            let known = parameters.iter().map(|p| p.name).collect();
            return Err(QueryError::Unknown {
                name: shorten(&name),
                known,
            });
        };
        let value = parameter.read(&text)?;
        if object.insert(name.into_owned(), value).is_some() {
            return Err(QueryError::Twice {
                name: parameter.name,
            });
        }
    }
    Ok(object)
}

impl Parameter {
    /// The value as JSON, or why it is none.
    pub fn read(&self, text: &str) -> Result<Value, QueryError> {
        let wrong = |expected: String| QueryError::Value {
            name: self.name,
            value: shorten(text),
            expected,
        };
        match self.kind {
            ParameterKind::Integer { minimum, maximum } => text
                .parse::<u64>()
                .ok()
                .filter(|n| (minimum..=maximum).contains(n) && !text.starts_with('+'))
                .map(|n| Value::Number(Number::from(n)))
                .ok_or_else(|| wrong(format!("a whole number from {minimum} to {maximum}"))),
            ParameterKind::Text { longest, .. } => {
                if text.is_empty()
                    || text.chars().count() > longest
                    || text.chars().any(char::is_control)
                {
                    return Err(wrong(format!("a text of 1 to {longest} characters")));
                }
                Ok(Value::String(text.to_owned()))
            }
            ParameterKind::OneOf(words) => match words.contains(&text) {
                true => Ok(Value::String(text.to_owned())),
                false => Err(wrong(format!("one of {}", words.join(", ")))),
            },
            ParameterKind::SomeOf(words) => match text.split(',').all(|word| words.contains(&word))
            {
                true => Ok(text.split(',').map(Value::from).collect()),
                false => Err(wrong(format!(
                    "a list of {}, separated by commas",
                    words.join(", ")
                ))),
            },
        }
    }
}

/// Enough of a foreign text to recognise it.
fn shorten(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::{NodeQuery, NodeState, Role};
    use crate::route::Route;
    use crate::watch::{Kind, WatchQuery};
    use crate::{Operation, event::EventQuery};

    #[test]
    fn what_the_client_writes_the_server_reads() {
        let nodes = NodeQuery {
            state: Some(NodeState::Ready),
            role: Some(Role::Agent),
            limit: Some(7),
            next: Some("a&b=ü".into()),
        };
        let text = encode(&nodes);
        assert_eq!(
            decode::<NodeQuery>(Route::of(Operation::NodeList).query, &text),
            Ok(nodes)
        );

        let watch = WatchQuery {
            kinds: vec![Kind::Node, Kind::Setting],
            from: Some(12),
        };
        assert_eq!(encode(&watch), "from=12&kinds=node%2Csetting");
        assert_eq!(
            decode::<WatchQuery>(Route::of(Operation::Watch).query, &encode(&watch)),
            Ok(watch)
        );

        assert_eq!(
            decode::<EventQuery>(Route::of(Operation::EventList).query, ""),
            Ok(EventQuery::default())
        );
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let query = Route::of(Operation::NodeList).query;
        for (raw, message) in [
            (
                "limit=0",
                "`limit`: `0` is not a whole number from 1 to 1000",
            ),
            (
                "limit=+5",
                "`limit`: ` 5` is not a whole number from 1 to 1000",
            ),
            (
                "limit=%2B5",
                "`limit`: `+5` is not a whole number from 1 to 1000",
            ),
            (
                "state=dead",
                "`state`: `dead` is not one of ready, suspect, down, left",
            ),
            ("limit=1&limit=2", "query parameter `limit` is given twice"),
            (
                "sort=name",
                "unknown query parameter `sort`; known are state, role, limit, continue",
            ),
        ] {
            assert_eq!(
                check(query, raw).map_err(|e| e.to_string()),
                Err(message.to_owned()),
                "{raw}"
            );
        }
    }
}
