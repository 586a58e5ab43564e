//! Request bodies: bounded, JSON, and read strictly.

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use hm_api::route::Route;
use hm_api::{ErrorCode, JSON, Problem};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

pub(super) const LIMIT: usize = 1024 * 1024;

/// Reads the whole body, if the route takes one.
pub(super) async fn read(
    route: &Route,
    headers: &HeaderMap,
    body: axum::body::Body,
) -> Result<Bytes, Problem> {
    if route.body.is_some() && !is_json(headers) {
        return Err(Problem::new(
            ErrorCode::UnsupportedMediaType,
            format!("the body must have the content type {JSON}"),
        ));
    }
    let bytes = match Limited::new(body, LIMIT).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Err(Problem::new(
                ErrorCode::TooLarge,
                format!("the body is larger than {LIMIT} bytes"),
            ));
        }
        Err(error) => {
            return Err(Problem::new(
                ErrorCode::Invalid,
                format!("the body ended early: {error}"),
            ));
        }
    };
    if route.body.is_none() && !bytes.is_empty() {
        return Err(Problem::new(
            ErrorCode::Invalid,
            "this request takes no body",
        ));
    }
    Ok(bytes)
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = value.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case(JSON)
}

/// The body as its type, or where exactly it is not one.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let invalid = |detail: String| Problem::new(ErrorCode::Invalid, detail);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let reason = error.into_inner();
        match path.as_str() {
            "." | "?" => invalid(format!("the body is not as expected: {reason}")),
            path => invalid(format!("the body's `{path}` is not as expected: {reason}")),
        }
    })?;
    reader
        .end()
        .map_err(|error| invalid(format!("the body goes on after its end: {error}")))?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use hm_api::setting::SettingSet;
    use hm_api::token::TokenCreate;

    use super::*;

    #[test]
    fn errors_say_where() {
        let detail = |text: &str| {
            parse::<TokenCreate>(text.as_bytes())
                .expect_err("an error")
                .detail
        };
        let uses = detail("{\n  \"uses\": \"many\"\n}");
        assert!(
            uses.starts_with("the body's `uses` is not as expected: ") && uses.contains("line 2"),
            "{uses}"
        );
        let unknown = detail("{\"use\": 1}");
        assert!(
            unknown.contains("unknown field `use`") && unknown.contains("column"),
            "{unknown}"
        );
        assert!(detail("{").contains("line 1 column 1"), "{}", detail("{"));
        assert!(detail("{} x").contains("goes on after its end"));
        assert!(detail("").contains("EOF"));
        assert!(parse::<SettingSet>(b"{\"value\": 20}").is_ok());
    }
}
