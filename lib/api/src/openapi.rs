//! The OpenAPI 3.1 document, made from the route table.

use std::collections::BTreeMap;

use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{
    AllOfBuilder, ArrayBuilder, ComponentsBuilder, ObjectBuilder, Schema, Type,
};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Content, Header, InfoBuilder, OpenApiBuilder, PathItem, Ref, RefOr, Required, Response,
    ResponseBuilder,
};

use crate::error::{ErrorCode, Problem};
use crate::operation::Method;
use crate::query::{Parameter, ParameterKind};
use crate::route::{Access, Answer, Body, Route};
use crate::{API_VERSION, JSON, NDJSON, PROBLEM_JSON, REQUEST_ID_HEADER};

/// What a caller's request id looks like: 128 bits as we write them, in hexadecimal, or as a UUID.
const REQUEST_ID_PATTERN: &str = "^([0-7][0-9a-hjkmnp-tv-z]{25}|[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$";

const BEARER: &str = "bearer";

/// The document, ready to be served.
pub fn document() -> String {
    let mut paths: BTreeMap<&str, PathItem> = BTreeMap::new();
    for route in Route::all() {
        let item = PathItem::new(http_method(route.operation.method()), operation(&route));
        match paths.get_mut(route.operation.path()) {
            Some(there) => there.merge_operations(item),
            None => drop(paths.insert(route.operation.path(), item)),
        }
    }
    let paths = paths
        .into_iter()
        .fold(PathsBuilder::new(), |builder, (path, item)| {
            builder.path(path, item)
        });
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Hivemind")
                .version(API_VERSION)
                .description(Some("The API of a Hivemind cluster. Any node answers; what a node cannot answer it passes on."))
                .build(),
        )
        .paths(paths)
        .components(Some(components()))
        .build()
        .to_json()
        .unwrap_or_default()
}

fn components() -> utoipa::openapi::Components {
    let mut schemas: Vec<(String, RefOr<Schema>)> = Vec::new();
    Body::of::<Problem>().collect(&mut schemas);
    for route in Route::all() {
        for body in route.body.into_iter().chain(answer_body(route.answer)) {
            body.collect(&mut schemas);
        }
    }
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "A token. On the unix socket root and the group `hivemind` need none.",
        ))
        .build();
    let responses = Route::all()
        .flat_map(|route| problems(&route))
        .map(|(_, codes)| (response_name(&codes), problem(&codes)));
    ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .responses_from_iter(responses.collect::<BTreeMap<_, _>>())
        .security_scheme(BEARER, SecurityScheme::Http(bearer))
        .build()
}

fn operation(route: &Route) -> utoipa::openapi::path::Operation {
    let path = route.path.iter().map(|p| parameter(p, ParameterIn::Path));
    let query = route.query.iter().map(|p| parameter(p, ParameterIn::Query));
    let mut builder = OperationBuilder::new()
        .operation_id(Some(route.operation.name()))
        .summary(Some(route.summary))
        .parameters(Some(path.chain(query).chain([request_id()])));
    if let Some(body) = &route.body {
        let content = ContentBuilder::new().schema(Some(body.reference())).build();
        builder = builder.request_body(Some(
            RequestBodyBuilder::new()
                .content(JSON, content)
                .required(Some(Required::True))
                .build(),
        ));
    }
    builder = match route.access {
        Access::Open => builder,
        Access::Needs { resource, action } => builder
            .description(Some(format!(
                "Needs the permission to {} {}.",
                action.as_str(),
                resource.as_str()
            )))
            .security(SecurityRequirement::new::<_, [&str; 0], &str>(BEARER, [])),
    };
    for (status, codes) in problems(route) {
        builder = builder.response(
            status.to_string(),
            Ref::from_response_name(response_name(&codes)),
        );
    }
    let (status, answer) = success(route);
    builder = builder.response(status.to_string(), answer);
    if let Answer::Report(body) = route.answer {
        builder = builder.response("503", report_503(body));
    }
    builder.build()
}

fn success(route: &Route) -> (u16, Response) {
    let builder = match route.answer {
        Answer::Report(body) | Answer::Ok(body) => ResponseBuilder::new()
            .description("Done")
            .content(JSON, of(body)),
        Answer::Created(body) => ResponseBuilder::new()
            .description("Created")
            .content(JSON, of(body)),
        Answer::Nothing => ResponseBuilder::new().description("Done"),
        Answer::Lines(body) => ResponseBuilder::new()
            .description("One object a line, for as long as the caller listens")
            .content(NDJSON, of(body)),
        Answer::Document => ResponseBuilder::new().description("This document").content(
            JSON,
            ContentBuilder::new()
                .schema(Some(Schema::Object(ObjectBuilder::new().build())))
                .build(),
        ),
    };
    (route.answer.status(), with_headers(builder).build())
}

/// The same report when the news is bad, or a problem when there is not even a report.
fn report_503(body: Body) -> Response {
    let builder = ResponseBuilder::new()
        .description("Down: the report says why")
        .content(JSON, of(body))
        .content(PROBLEM_JSON, problem_content(&[ErrorCode::Unavailable]));
    with_headers(builder).build()
}

/// The problems of a route, by status.
fn problems(route: &Route) -> BTreeMap<u16, Vec<ErrorCode>> {
    let mut by_status: BTreeMap<u16, Vec<ErrorCode>> = BTreeMap::new();
    for code in route.problems() {
        by_status.entry(code.status()).or_default().push(code);
    }
    by_status
}

/// The name under which all routes share the description of these problems.
fn response_name(codes: &[ErrorCode]) -> String {
    let names: Vec<_> = codes.iter().map(|code| code.name()).collect();
    names.join("_or_")
}

fn problem(codes: &[ErrorCode]) -> Response {
    let titles: Vec<_> = codes.iter().map(|code| code.title()).collect();
    let mut builder = ResponseBuilder::new()
        .description(titles.join(", or "))
        .content(PROBLEM_JSON, problem_content(codes));
    if codes.contains(&ErrorCode::RateLimited) {
        builder = builder.header(
            "Retry-After",
            header("Seconds to wait before the next request.", "^[0-9]+$"),
        );
    }
    if codes.contains(&ErrorCode::Unauthenticated) {
        builder = builder.header(
            "WWW-Authenticate",
            header("How to authenticate.", "^Bearer"),
        );
    }
    with_headers(builder).build()
}

/// A problem whose code is one of these.
fn problem_content(codes: &[ErrorCode]) -> Content {
    let names = codes.iter().map(|code| code.name());
    let narrowed = ObjectBuilder::new()
        .property(
            "code",
            ObjectBuilder::new()
                .schema_type(Type::String)
                .enum_values(Some(names)),
        )
        .build();
    let schema = AllOfBuilder::new()
        .item(Ref::from_schema_name("Problem"))
        .item(narrowed)
        .build();
    ContentBuilder::new()
        .schema(Some(Schema::AllOf(schema)))
        .build()
}

fn with_headers(builder: ResponseBuilder) -> ResponseBuilder {
    builder
        .header("Hivemind-Api", header("The version of the API.", "^1$"))
        .header(
            "Hivemind-Request-Id",
            header(
                "The request's id, as given or made up.",
                "^[0-7][0-9a-hjkmnp-tv-z]{25}$",
            ),
        )
}

fn header(description: &str, pattern: &str) -> Header {
    HeaderBuilder::new()
        .schema(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .pattern(Some(pattern)),
        )
        .description(Some(description))
        .build()
}

fn parameter(parameter: &Parameter, place: ParameterIn) -> utoipa::openapi::path::Parameter {
    let required = match place {
        ParameterIn::Path => Required::True,
        ParameterIn::Query | ParameterIn::Header | ParameterIn::Cookie => Required::False,
    };
    let builder = ParameterBuilder::new()
        .name(parameter.name)
        .parameter_in(place)
        .required(required)
        .description(Some(parameter.description))
        .schema(Some(parameter_schema(parameter.kind)));
    match parameter.kind {
        // One value with commas, not the parameter many times.
        ParameterKind::SomeOf(_) => builder.explode(Some(false)).build(),
        ParameterKind::Integer { .. } | ParameterKind::Text { .. } | ParameterKind::OneOf(_) => {
            builder.build()
        }
    }
}

fn parameter_schema(kind: ParameterKind) -> Schema {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    match kind {
        // The document's numbers are 64-bit integers; the limits here are below that.
        ParameterKind::Integer { minimum, maximum } => Schema::Object(
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(i64::try_from(minimum).ok())
                .maximum(i64::try_from(maximum).ok())
                .build(),
        ),
        ParameterKind::Text { longest, pattern } => Schema::Object(
            text()
                .min_length(Some(1))
                .max_length(Some(longest))
                .pattern(Some(pattern))
                .build(),
        ),
        ParameterKind::OneOf(words) => {
            Schema::Object(text().enum_values(Some(words.iter().copied())).build())
        }
        ParameterKind::SomeOf(words) => Schema::Array(
            ArrayBuilder::new()
                .items(text().enum_values(Some(words.iter().copied())))
                .min_items(Some(1))
                .build(),
        ),
    }
}

fn request_id() -> utoipa::openapi::path::Parameter {
    ParameterBuilder::new()
        .name(REQUEST_ID_HEADER)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Names the request: repeating a change with the same id does not do it twice.",
        ))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .pattern(Some(REQUEST_ID_PATTERN)),
        ))
        .build()
}

fn of(body: Body) -> Content {
    ContentBuilder::new().schema(Some(body.reference())).build()
}

fn answer_body(answer: Answer) -> Option<Body> {
    match answer {
        Answer::Report(body) | Answer::Ok(body) | Answer::Created(body) | Answer::Lines(body) => {
            Some(body)
        }
        Answer::Nothing | Answer::Document => None,
    }
}

const fn http_method(method: Method) -> HttpMethod {
    match method {
        Method::Get => HttpMethod::Get,
        Method::Post => HttpMethod::Post,
        Method::Put => HttpMethod::Put,
        Method::Delete => HttpMethod::Delete,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::Operation;

    #[test]
    fn the_document_changes_only_on_purpose() {
        let value: Value = serde_json::from_str(&document()).expect("JSON");
        let pretty = serde_json::to_string_pretty(&value).expect("JSON");
        insta::assert_snapshot!("openapi", pretty);
    }

    #[test]
    fn every_operation_is_in_it_once() {
        let value: Value = serde_json::from_str(&document()).expect("JSON");
        let paths = value["paths"].as_object().expect("paths");
        let count: usize = paths
            .values()
            .map(|item| item.as_object().map_or(0, serde_json::Map::len))
            .sum();
        assert_eq!(count, Operation::ALL.len());
        for operation in Operation::ALL {
            let method = operation.method().as_str().to_lowercase();
            assert_eq!(
                paths[operation.path()][&method]["operationId"],
                operation.name()
            );
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let value: Value = serde_json::from_str(&document()).expect("JSON");
        let mut references = BTreeSet::new();
        collect_references(&value, &mut references);
        assert!(references.len() > 30);
        for reference in references {
            assert!(
                value.pointer(reference.trim_start_matches('#')).is_some(),
                "{reference}"
            );
        }
    }

    fn collect_references(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                for (name, inner) in fields {
                    match inner.as_str().filter(|_| name == "$ref") {
                        Some(target) => drop(into.insert(target.to_owned())),
                        None => collect_references(inner, into),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect_references(item, into)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}
