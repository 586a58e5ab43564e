//! Over every row of the table: who may call, and that the answers are what the document says.

use axum::body::Body;
use hm_api::Operation;
use hm_api::route::{Access, Route};
use hm_model::NodeId;
use serde_json::json;

use super::conform::Document;
use super::home::{
    Home, bad_check, good_request, json as json_request, request, root, stranger, token_entry,
};
use crate::http::{Account, Entrance};

#[tokio::test]
async fn an_administrator_may_call_everything_and_gets_what_the_document_says() {
    let document = Document::new();
    for route in Route::all() {
        let home = Home::new();
        home.change(token_entry());
        let answer = home.root(good_request(route.operation)).await;
        assert_eq!(
            answer.status,
            route.answer.status(),
            "{:?}: {answer:?}",
            route.operation
        );
        document.check(&route, &answer);
    }
}

#[tokio::test]
async fn members_of_the_group_administer_and_other_accounts_do_not() {
    let home = Home::new();
    let member = Entrance::Socket(Account {
        uid: 1000,
        name: "ann".into(),
        groups: vec![1000, 998],
    });
    let other = Entrance::Socket(Account {
        uid: 1001,
        name: "bob".into(),
        groups: vec![1001],
    });
    assert_eq!(
        home.ask(&member, good_request(Operation::ClusterShow))
            .await
            .status,
        200
    );
    let refused = home.ask(&other, good_request(Operation::ClusterShow)).await;
    assert_eq!(refused.status, 401);
    assert!(
        refused.json()["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("group `hivemind`")),
        "{refused:?}"
    );
    assert_eq!(
        home.ask(&other, good_request(Operation::Health))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn strangers_and_nodes_get_only_what_is_open_and_every_refusal_is_audited() {
    let document = Document::new();
    let node = Entrance::Node(NodeId::from_u64(5));
    for (entrance, status, code) in [
        (stranger(), 401, "unauthenticated"),
        (node, 403, "forbidden"),
    ] {
        for route in Route::all() {
            let home = Home::new();
            home.change(token_entry());
            let answer = home.ask(&entrance, good_request(route.operation)).await;
            document.check(&route, &answer);
            let audited = home.audit.events.lock().expect("unpoisoned").clone();
            if route.access == Access::Open {
                assert_eq!(
                    answer.status,
                    route.answer.status(),
                    "{:?}: {answer:?}",
                    route.operation
                );
                assert_eq!(audited, [], "{:?}", route.operation);
            } else {
                assert_eq!(
                    (answer.status, answer.code().as_str()),
                    (status, code),
                    "{:?}",
                    route.operation
                );
                let [event] = &audited[..] else {
                    panic!("{audited:?}")
                };
                assert_eq!(
                    (event.operation.as_str(), event.outcome.as_str()),
                    (route.operation.name(), code)
                );
                assert_eq!(event.via, entrance.to_string());
            }
        }
    }
}

#[tokio::test]
async fn a_bearer_token_is_refused_with_a_hint_even_from_root() {
    let home = Home::new();
    let with_token = request("GET", "/api/nodes")
        .header("authorization", "Bearer abc")
        .body(Body::empty())
        .expect("a request");
    let refused = home.ask(&root(), with_token).await;
    assert_eq!(
        (refused.status, refused.header("www-authenticate")),
        (401, Some("Bearer"))
    );
    assert!(
        refused.json()["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("not known"))
    );
    assert!(refused.json()["hint"].is_string());
}

#[tokio::test]
async fn sensitive_reads_are_audited_or_do_not_happen() {
    let home = Home::new();
    assert_eq!(home.get("/api/tokens").await.status, 200);
    let events = home.audit.events.lock().expect("unpoisoned").clone();
    assert_eq!(
        (
            events[0].actor.as_str(),
            events[0].operation.as_str(),
            events[0].outcome.as_str()
        ),
        ("root", "token_list", "ok")
    );
    home.audit
        .full
        .store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(home.get("/api/tokens").await.code(), "unavailable");
    assert_eq!(home.get("/api/nodes").await.status, 200);
}

#[tokio::test]
async fn methods_and_paths_that_do_not_exist() {
    let home = Home::new();
    for method in ["HEAD", "OPTIONS", "PATCH", "TRACE", "BREW"] {
        let answer = home
            .root(
                request(method, "/api/settings/a")
                    .body(Body::empty())
                    .expect("a request"),
            )
            .await;
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some("DELETE, GET, PUT")),
            "{method}"
        );
        assert_eq!(answer.code(), "method_not_allowed");
    }
    for path in ["/", "/api", "/api/nodes/a/b", "/metrics"] {
        assert_eq!(home.get(path).await.code(), "not_found", "{path}");
        let stranger = home
            .ask(
                &stranger(),
                request("GET", path).body(Body::empty()).expect("a request"),
            )
            .await;
        assert_eq!(stranger.code(), "unauthenticated", "{path}");
    }
}

#[tokio::test]
async fn what_is_not_in_the_document_is_refused_and_named() {
    let home = Home::new();
    let detail = async |request| {
        let answer = home.root(request).await;
        assert_eq!(answer.code(), "invalid", "{answer:?}");
        answer.json()["detail"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let get = |uri: &str| request("GET", uri).body(Body::empty()).expect("a request");
    assert_eq!(
        detail(get("/api/nodes?sort=name")).await,
        "unknown query parameter `sort`; known are state, role, limit, continue"
    );
    assert!(
        detail(get("/api/health?verbose=1"))
            .await
            .contains("none is taken here")
    );
    assert!(
        detail(get("/api/nodes?limit=1001"))
            .await
            .contains("from 1 to 1000")
    );
    assert!(
        detail(get("/api/nodes?continue=zz"))
            .await
            .contains("`continue`")
    );
    let unknown = json_request(
        "PUT",
        "/api/settings/storage.io_weight",
        &json!({"value": 1, "force": true}),
    );
    assert!(detail(unknown).await.contains("unknown field `force`"));
    let body = request("GET", "/api/nodes")
        .body(Body::from("{}"))
        .expect("a request");
    assert_eq!(detail(body).await, "this request takes no body");
}

#[tokio::test]
async fn request_ids_are_echoed_or_made_up() {
    let home = Home::new();
    let given = request("GET", "/api/health")
        .header(
            "hivemind-request-id",
            "00000000-0000-0000-0000-000000000021",
        )
        .body(Body::empty())
        .expect("a request");
    assert_eq!(
        home.root(given).await.header("hivemind-request-id"),
        Some("00000000000000000000000011")
    );
    let made_up = home.get("/api/health").await;
    assert_eq!(
        (
            made_up.header("hivemind-api"),
            made_up.header("hivemind-request-id").map(str::len)
        ),
        (Some("1"), Some(26))
    );
    let wrong = request("GET", "/api/health")
        .header("hivemind-request-id", "7")
        .body(Body::empty())
        .expect("a request");
    let wrong = home.root(wrong).await;
    assert_eq!(
        (
            wrong.code().as_str(),
            wrong.header("hivemind-request-id").map(str::len)
        ),
        ("invalid", Some(26))
    );
}

#[tokio::test]
async fn health_is_200_unless_down() {
    let (home, document) = (Home::new(), Document::new());
    let healthy = home.get("/api/health").await;
    assert_eq!(
        (healthy.status, &healthy.json()["status"]),
        (200, &json!("ok"))
    );
    home.node
        .checks
        .lock()
        .expect("unpoisoned")
        .push(bad_check());
    let down = home.get("/api/health").await;
    assert_eq!(
        (
            down.status,
            &down.json()["status"],
            down.header("content-type")
        ),
        (503, &json!("down"), Some("application/json"))
    );
    document.check(&Route::of(Operation::Health), &down);
}
