//! Whatever is sent: an answer that is documented, and never a fault of ours.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Uri};
use hm_api::route::Route;
use hm_api::{JSON, PROBLEM_JSON};
use proptest::prelude::*;

use super::conform::Document;
use super::home::{Answer, Home, good_request, root, stranger, token_entry};

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime")
        .block_on(future)
}

fn json_like() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_map(|n| n.to_string()),
        "\"[a-z0-9:. ]{0,12}\"",
    ];
    let field = prop_oneof![
        "value",
        "ttl",
        "uses",
        "token",
        "name",
        "addresses",
        "expected_generation",
        "[a-z]{1,8}"
    ];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((field.clone(), inner), 0..6).prop_map(|fields| {
                let fields: Vec<_> = fields
                    .into_iter()
                    .map(|(name, value)| format!("\"{name}\":{value}"))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

fn target() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        "api",
        "nodes",
        "settings",
        "tokens",
        "watch",
        "scheduler.strategy",
        "[!-~&&[^?#/]]{0,12}",
        "%[0-9a-f]{2}"
    ];
    let pair = (
        prop_oneof!["limit", "continue", "state", "kinds", "from", "[a-z%]{0,6}"],
        "[!-~&&[^#]]{0,8}",
    );
    let path = prop::collection::vec(segment, 0..5)
        .prop_map(|segments| format!("/{}", segments.join("/")));
    let query = prop::collection::vec(pair, 0..3).prop_map(|pairs| {
        pairs
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("&")
    });
    (path, query).prop_map(|(path, query)| format!("{path}?{query}"))
}

fn check(answer: &Answer) {
    assert!(answer.status < 500, "{answer:?}");
    if answer.status >= 400 {
        assert_eq!(answer.header("content-type"), Some(PROBLEM_JSON));
        Document::new()
            .fits_named("Problem", &answer.json())
            .expect("a problem");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_path_query_and_body(
        method in prop_oneof!["GET", "PUT", "POST", "DELETE", "[A-Z]{1,7}"],
        target in target(),
        kind in prop_oneof![Just(JSON.to_owned()), "[ -~]{0,20}"],
        id in prop_oneof!["[0-9a-f]{32}", "[ -~]{0,40}"],
        body in prop_oneof![json_like().prop_map(String::into_bytes), prop::collection::vec(any::<u8>(), 0..64)],
        as_root in any::<bool>(),
    ) {
        let Ok(uri) = target.parse::<Uri>() else { return Ok(()) };
        let mut request = axum::extract::Request::new(Body::from(body));
        *request.method_mut() = Method::from_bytes(method.as_bytes()).expect("letters");
        *request.uri_mut() = uri;
        for (name, value) in [("content-type", kind), ("hivemind-request-id", id)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                request.headers_mut().insert(name, value);
            }
        }
        let home = Home::new();
        let entrance = if as_root { root() } else { stranger() };
        check(&block_on(home.ask(&entrance, request)));
    }

    #[test]
    fn any_body_and_query_for_every_route(index in 0..Route::all().count(), body in json_like(), query in "[ -~&&[^#]]{0,24}") {
        let route = Route::all().nth(index).expect("a route");
        let mut request = good_request(route.operation);
        if route.body.is_some() {
            *request.body_mut() = Body::from(body);
        }
        let path = request.uri().path().to_owned();
        if let Ok(uri) = format!("{path}?{}", query.replace(' ', "+")).parse() {
            *request.uri_mut() = uri;
        }
        let home = Home::new();
        home.change(token_entry());
        let answer = block_on(home.root(request));
        check(&answer);
        Document::new().check(&route, &answer);
    }
}
