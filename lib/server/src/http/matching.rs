//! From a path to its route.

use std::collections::BTreeMap;

use hm_api::route::Route;
use hm_api::{ErrorCode, Method, Problem};
use percent_encoding::percent_decode_str;

/// A path of the table, with the values of its parameters.
#[derive(Debug)]
pub(super) struct Matched {
    by_method: BTreeMap<&'static str, Route>,
    parameters: Vec<String>,
}

/// What a path and a method lead to.
pub(super) enum Found {
    Route(Route, Vec<String>),
    /// The path exists; these are its methods.
    OtherMethods(String),
    Nothing,
}

/// Looks a request up in the table.
pub(super) fn find(method: &str, path: &str) -> Found {
    let Some(Matched {
        by_method,
        parameters,
    }) = matched(path)
    else {
        return Found::Nothing;
    };
    match by_method.get(method) {
        Some(route) => Found::Route(*route, parameters),
        None => Found::OtherMethods(by_method.keys().copied().collect::<Vec<_>>().join(", ")),
    }
}

fn matched(path: &str) -> Option<Matched> {
    let segments: Vec<String> = path
        .split('/')
        .map(|segment| percent_decode_str(segment).decode_utf8().map(Into::into))
        .collect::<Result<_, _>>()
        .ok()?;
    let mut found: Option<Matched> = None;
    for route in Route::all() {
        let Some(parameters) = fit(route.operation.path(), &segments) else {
            continue;
        };
        let matched = found.get_or_insert(Matched {
            by_method: BTreeMap::new(),
            parameters,
        });
        matched
            .by_method
            .insert(Method::as_str(route.operation.method()), route);
    }
    found
}

/// The values of the template's parameters, if the path fits it.
fn fit(template: &str, segments: &[String]) -> Option<Vec<String>> {
    let mut parameters = Vec::new();
    let mut segments = segments.iter();
    for wanted in template.split('/') {
        let segment = segments.next()?;
        if wanted.starts_with('{') {
            parameters.push(segment.clone());
        } else if wanted != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(parameters)
}

/// Checks the values in the path against the table.
pub(super) fn check_parameters(route: &Route, values: &[String]) -> Result<(), Problem> {
    for (parameter, value) in route.path.iter().zip(values) {
        parameter
            .read(value)
            .map_err(|error| Problem::new(ErrorCode::Invalid, error.to_string()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use hm_api::Operation;

    use super::*;

    #[test]
    fn paths_lead_to_their_routes() {
        for route in Route::all() {
            let values = ["web-1"; 2];
            let path = route.operation.path_of(&values[..route.path.len()]);
            let Found::Route(found, parameters) = find(route.operation.method().as_str(), &path)
            else {
                panic!("{path} leads nowhere")
            };
            assert_eq!(found.operation, route.operation);
            assert_eq!(parameters, &values[..route.path.len()]);
        }
    }

    #[test]
    fn other_methods_are_named_and_other_paths_are_nothing() {
        assert!(
            matches!(find("PATCH", "/api/settings/a"), Found::OtherMethods(allow) if allow == "DELETE, GET, PUT")
        );
        assert!(
            matches!(find("HEAD", "/api/health"), Found::OtherMethods(allow) if allow == "GET")
        );
        for path in [
            "",
            "/",
            "/api",
            "/api/",
            "/api/nodes/",
            "/api/nodes/a/b",
            "/api/health/",
            "//api/health",
            "/api/nodes/%ff",
        ] {
            let found = find("GET", path);
            let nothing = matches!(found, Found::Nothing);
            // An empty name is a name that no object can have; the table refuses it later.
            let empty_name =
                matches!(found, Found::Route(route, _) if route.operation == Operation::NodeShow);
            assert!(nothing || (empty_name && path == "/api/nodes/"), "{path}");
        }
    }
}
