//! Whether an answer is exactly what the OpenAPI document promises: status, content type, headers, every field.

use hm_api::route::Route;
use serde_json::{Map, Value};

use super::home::Answer;

pub(super) struct Document(Value);

impl Document {
    pub(super) fn new() -> Self {
        Self(serde_json::from_str(&hm_api::openapi::document()).expect("JSON"))
    }

    /// Fails when the answer holds anything that the document does not.
    pub(super) fn check(&self, route: &Route, answer: &Answer) {
        let operation = route.operation;
        let method = operation.method().as_str().to_lowercase();
        let responses = &self.0["paths"][operation.path()][&method]["responses"];
        let response = self.resolve(&responses[answer.status.to_string()]);
        assert!(
            response.is_object(),
            "{operation:?}: status {} is not documented: {answer:?}",
            answer.status
        );
        for (name, header) in response["headers"].as_object().expect("headers") {
            let value = answer
                .header(name)
                .unwrap_or_else(|| panic!("{operation:?} {}: no header {name}", answer.status));
            assert_eq!(header["schema"]["type"], "string", "{name}: {value}");
        }
        let Some(content) = response.get("content") else {
            assert!(
                answer.bytes.is_empty() && answer.header("content-type").is_none(),
                "{operation:?}: {answer:?}"
            );
            return;
        };
        let kind = answer.header("content-type").expect("a content type");
        let schema = content
            .get(kind)
            .unwrap_or_else(|| panic!("{operation:?}: {kind} is not documented"));
        if kind != hm_api::NDJSON && operation != hm_api::Operation::OpenApi {
            self.fits(&schema["schema"], &answer.json())
                .unwrap_or_else(|why| panic!("{operation:?}: {why}: {answer:?}"));
        }
    }

    pub(super) fn fits_named(&self, name: &str, value: &Value) -> Result<(), String> {
        self.fits(&self.0["components"]["schemas"][name], value)
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(target) => self
                .0
                .pointer(target.trim_start_matches('#'))
                .expect("a target"),
            None => value,
        }
    }

    fn fits(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let schema = self.resolve(schema);
        if let Some(choices) = schema["oneOf"].as_array() {
            let fitting = choices
                .iter()
                .filter(|choice| self.fits(choice, value).is_ok())
                .count();
            return if fitting >= 1 {
                Ok(())
            } else {
                Err(format!("{value} fits no choice"))
            };
        }
        if let Some(words) = schema["enum"].as_array()
            && !words.contains(value)
        {
            return Err(format!("{value} is not one of {words:?}"));
        }
        match value {
            Value::Object(fields) => self.fields_fit(schema, fields),
            Value::Array(items) => items
                .iter()
                .try_for_each(|item| self.fits(&schema["items"], item)),
            Value::String(_) => expect(schema, &["string"], value),
            Value::Number(number) if number.is_f64() => expect(schema, &["number"], value),
            Value::Number(_) => expect(schema, &["integer", "number"], value),
            Value::Bool(_) => expect(schema, &["boolean"], value),
            Value::Null => expect(schema, &["null"], value),
        }
    }

    fn fields_fit(&self, schema: &Value, fields: &Map<String, Value>) -> Result<(), String> {
        let mut parts = Vec::new();
        self.collect(schema, &mut parts);
        for part in &parts {
            for name in part["required"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
            {
                fields.get(name).ok_or(format!("{name} is missing"))?;
            }
        }
        let free = parts.iter().find_map(|part| {
            part["additionalProperties"]
                .as_object()
                .map(|_| &part["additionalProperties"])
        });
        for (name, value) in fields {
            let described: Vec<&Value> = parts
                .iter()
                .filter_map(|part| part["properties"].get(name))
                .chain(free)
                .collect();
            if described.is_empty() && parts.iter().any(|part| part["properties"].is_object()) {
                return Err(format!("{name} is not documented"));
            }
            for schema in described {
                self.fits(schema, value)
                    .map_err(|why| format!("{name}: {why}"))?;
            }
        }
        Ok(())
    }

    /// The schema, or all the schemas it is made of.
    fn collect<'a>(&'a self, schema: &'a Value, into: &mut Vec<&'a Value>) {
        let schema = self.resolve(schema);
        match schema["allOf"].as_array() {
            Some(parts) => parts.iter().for_each(|part| self.collect(part, into)),
            None => into.push(schema),
        }
    }
}

fn expect(schema: &Value, kinds: &[&str], value: &Value) -> Result<(), String> {
    let wanted = &schema["type"];
    let listed = |kind: &&str| {
        wanted == kind
            || wanted
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one == kind))
    };
    if kinds.iter().any(listed) {
        Ok(())
    } else {
        Err(format!("{value} is not {wanted}"))
    }
}
