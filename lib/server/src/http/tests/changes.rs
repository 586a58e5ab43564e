//! Changes, and what becomes of them: settings, tokens, joining, failures, forwarding.

use std::sync::atomic::Ordering;

use hm_api::Operation;
use hm_api::route::Route;
use hm_model::NodeId;
use hm_state::Entry;
use serde_json::{Value, json};

use super::conform::Document;
use super::home::{
    Answer, Home, good_request, join_body, json as json_request, stranger, token_entry,
};
use crate::error::ProposeError;
use crate::http::{Forwarded, Identity};

const SETTING: &str = "/api/settings/scheduler.rebalance_threshold";

#[tokio::test]
async fn a_setting_is_set_compared_and_unset() {
    let home = Home::new();
    let before = home.get(SETTING).await.json();
    assert_eq!(
        (&before["source"], &before["generation"], &before["value"]),
        (&json!("default"), &json!(0), &before["default"])
    );

    let set = home
        .send(
            "PUT",
            SETTING,
            json!({"value": "30", "expected_generation": 0}),
        )
        .await
        .json();
    assert_eq!(
        (&set["source"], &set["generation"], &set["value"]),
        (&json!("set"), &json!(1), &json!(30))
    );
    let stale = home
        .send(
            "PUT",
            SETTING,
            json!({"value": 31, "expected_generation": 0}),
        )
        .await;
    assert_eq!(
        (stale.status, stale.code().as_str()),
        (409, "generation_mismatch")
    );
    let wrong = home.send("PUT", SETTING, json!({"value": "many"})).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (400, "invalid"));
    let unknown = home
        .send("PUT", "/api/settings/no.such", json!({"value": 1}))
        .await;
    assert_eq!(
        (unknown.status, unknown.code().as_str()),
        (404, "not_found")
    );

    let unset = home
        .send(
            "DELETE",
            &format!("{SETTING}?expected_generation=1"),
            Value::Null,
        )
        .await;
    assert_eq!(unset.code(), "invalid", "a body where none is taken");
    let unset = home
        .root(good_request(Operation::SettingUnset))
        .await
        .json();
    assert_eq!(
        (&unset["source"], &unset["value"]),
        (&json!("default"), &before["default"])
    );
}

#[tokio::test]
async fn a_ratio_is_a_number_in_json() {
    let home = Home::new();
    let path = "/api/settings/memory.overcommit_ratio";
    assert_eq!(
        home.send("PUT", path, json!({"value": 1.2})).await.json()["value"],
        json!(1.2)
    );
    assert_eq!(home.get(path).await.json()["value"], json!(1.2));
}

#[tokio::test]
async fn lists_come_in_pages() {
    let home = Home::new();
    let mut keys = Vec::new();
    let mut uri = "/api/settings?limit=3".to_owned();
    loop {
        let page = home.get(&uri).await.json();
        let items = page["items"].as_array().expect("items").clone();
        assert!(items.len() <= 3);
        keys.extend(
            items
                .iter()
                .filter_map(|item| item["key"].as_str())
                .map(str::to_owned),
        );
        let Some(next) = page["continue"].as_str() else {
            break;
        };
        uri = format!("/api/settings?limit=3&continue={next}");
    }
    let all = home.get("/api/settings").await.json();
    let whole: Vec<_> = all["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|item| item["key"].as_str())
        .collect();
    assert_eq!(keys, whole);
    assert!(keys.len() > 3);
}

#[tokio::test]
async fn a_token_is_shown_once_and_lets_one_node_in() {
    let home = Home::new();
    let made = home
        .send("POST", "/api/tokens", json!({"ttl": "2h", "uses": 1}))
        .await;
    assert_eq!(made.status, 201);
    let made = made.json();
    let listed = home.get("/api/tokens").await;
    assert!(
        !String::from_utf8_lossy(&listed.bytes).contains("sesame"),
        "{listed:?}"
    );
    assert_eq!(listed.json()["items"][0]["uses_left"], json!(1));

    let mut body = join_body();
    body["token"] = made["token"].clone();
    let joined = home
        .ask(&stranger(), json_request("POST", "/api/join", &body))
        .await;
    assert_eq!(joined.status, 200, "{joined:?}");
    let joined = joined.json();
    assert_eq!(
        joined["certificate"],
        format!("certificate of {}", NodeId::from_u64(2))
    );
    assert_eq!(
        (
            joined["gossip_keys"][0].as_str().map(str::len),
            &joined["peers"][0]["api_port"]
        ),
        (Some(64), &json!(3000))
    );
    assert_eq!(
        home.get("/api/nodes/n2").await.json()["addresses"],
        json!(["10.0.0.2"])
    );

    body["node"] = json!(NodeId::from_u64(3));
    body["name"] = json!("n3");
    let again = home
        .ask(&stranger(), json_request("POST", "/api/join", &body))
        .await;
    assert_eq!(
        (again.status, again.code().as_str()),
        (401, "unauthenticated")
    );
    let audited = home
        .audit
        .events
        .lock()
        .expect("unpoisoned")
        .last()
        .cloned()
        .expect("an event");
    assert_eq!(
        (audited.operation.as_str(), audited.outcome.as_str()),
        ("join", "unauthenticated")
    );
}

#[tokio::test]
async fn tokens_and_joins_that_cannot_be() {
    let home = Home::new();
    home.change(token_entry());
    for body in [
        json!({"ttl": "0s"}),
        json!({"ttl": "31d"}),
        json!({"uses": 0}),
        json!({"uses": 1001}),
        json!({"ttl": "soon"}),
    ] {
        assert_eq!(
            home.send("POST", "/api/tokens", body.clone()).await.code(),
            "invalid",
            "{body}"
        );
    }
    for (field, value, code) in [
        ("token", json!("nonsense"), "unauthenticated"),
        ("token", json!("0000000000007:wrong"), "unauthenticated"),
        ("name", json!("Not A Name"), "invalid"),
        ("name", json!("n1"), "conflict"),
        ("addresses", json!([]), "invalid"),
        ("api_port", json!(0), "invalid"),
        ("csr", json!(""), "invalid"),
        ("time", json!("2020-01-01T00:00:00Z"), "conflict"),
        ("feature_level", json!(0), "conflict"),
    ] {
        let mut body = join_body();
        body[field] = value.clone();
        let answer = home.send("POST", "/api/join", body).await;
        assert_eq!(answer.code(), code, "{field} {value}: {answer:?}");
    }
    assert_eq!(home.get("/api/nodes/n2").await.status, 404);
}

#[tokio::test]
async fn a_repeated_request_is_not_done_twice() {
    let home = Home::new();
    let create = || {
        let mut request = good_request(Operation::TokenCreate);
        request.headers_mut().insert(
            "hivemind-request-id",
            "0000000000000000000000000000002a".parse().expect("a value"),
        );
        request
    };
    assert_eq!(home.root(create()).await.status, 201);
    let repeated = home.root(create()).await;
    assert_eq!(
        (repeated.status, repeated.code().as_str()),
        (409, "conflict"),
        "its secret is gone: {repeated:?}"
    );
    assert_eq!(
        home.get("/api/tokens").await.json()["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn without_a_quorum_changes_fail_and_reads_go_on() {
    let (home, document) = (Home::new(), Document::new());
    *home.node.small.fails.lock().expect("unpoisoned") = Some(ProposeError::NoQuorum {
        voters: 3,
        missing: vec!["n2".into(), "n3".into()],
    });
    let refused = home.root(good_request(Operation::SettingSet)).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (503, "no_quorum")
    );
    assert!(
        refused.json()["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("n2, n3"))
    );
    document.check(&Route::of(Operation::SettingSet), &refused);
    assert_eq!(home.get(SETTING).await.status, 200);
}

#[tokio::test]
async fn a_node_that_is_no_server_hands_on_what_it_cannot_answer() {
    let home = Home::new();
    home.node.is_server.store(false, Ordering::SeqCst);
    let refused = home.send("PUT", SETTING, json!({"value": 1})).await;
    assert_eq!(refused.code(), "unavailable");
    let forwarded = home
        .node
        .forwarded
        .lock()
        .expect("unpoisoned")
        .pop()
        .expect("handed on");
    assert_eq!(
        (forwarded.method.as_str(), forwarded.path.as_str()),
        ("PUT", SETTING)
    );
    assert_eq!(
        forwarded.identity,
        Identity::Administrator {
            uid: 0,
            name: "root".to_owned()
        }
    );
    let health = home.get("/api/health").await.json();
    assert_eq!(
        (&health["role"], &health["status"]),
        (&json!("agent"), &json!("degraded"))
    );
    let stranger = home
        .ask(&stranger(), good_request(Operation::NodeList))
        .await;
    assert_eq!(
        (
            stranger.status,
            home.node.forwarded.lock().expect("unpoisoned").len()
        ),
        (401, 0),
        "refused where it arrives"
    );
}

#[tokio::test]
async fn a_request_that_was_handed_on_is_answered_here_or_not_at_all() {
    let home = Home::new();
    let from = NodeId::from_u64(9);
    let forwarded = Forwarded {
        request: hm_model::RequestId::from_u128(42),
        identity: Identity::Administrator {
            uid: 1000,
            name: "ann".to_owned(),
        },
        method: "PUT".to_owned(),
        path: SETTING.to_owned(),
        query: String::new(),
        body: bytes::Bytes::from(json!({"value": 44}).to_string()),
    };
    let done = Answer::read(home.door.answer_forwarded(from, forwarded.clone()).await).await;
    assert_eq!((done.status, &done.json()["value"]), (200, &json!(44)));
    let stranger = Forwarded {
        identity: Identity::Stranger,
        ..forwarded.clone()
    };
    assert_eq!(
        Answer::read(home.door.answer_forwarded(from, stranger).await)
            .await
            .status,
        401
    );
    home.node.is_server.store(false, Ordering::SeqCst);
    assert_eq!(
        Answer::read(home.door.answer_forwarded(from, forwarded).await)
            .await
            .code(),
        "unavailable"
    );
    assert!(home.node.forwarded.lock().expect("unpoisoned").is_empty());
}

#[tokio::test]
async fn nodes_are_found_by_name_id_and_beginning() {
    let home = Home::new();
    let shown = home.get("/api/nodes/n1").await.json();
    let id = shown["id"].as_str().expect("an id").to_owned();
    for name in [id.as_str(), &id[..5]] {
        assert_eq!(
            home.get(&format!("/api/nodes/{name}")).await.json()["name"],
            json!("n1")
        );
    }
    assert_eq!(home.get("/api/nodes/nobody").await.code(), "not_found");
    assert_eq!(
        home.get("/api/nodes?state=down").await.json()["items"],
        json!([])
    );
    let servers = home.get("/api/nodes?role=server").await.json();
    assert_eq!(
        (&servers["items"][0]["name"], &servers["items"][0]["leader"]),
        (&json!("n1"), &json!(true))
    );
}

#[tokio::test]
async fn events_are_listed_in_the_order_in_which_they_happened() {
    let home = Home::new();
    home.change(token_entry());
    assert_eq!(
        home.send("POST", "/api/join", join_body()).await.status,
        200
    );
    home.change(Entry::RemoveNode(NodeId::from_u64(2)));
    let events = home.get("/api/events").await.json();
    let items = events["items"].as_array().expect("items");
    assert!(items.len() >= 2, "{events}");
    assert_eq!(
        home.get("/api/events?namespace=shop").await.json()["items"],
        json!([])
    );
    let first = home.get("/api/events?limit=1").await.json();
    assert_eq!(first["items"][0], items[0]);
    let token = first["continue"].as_str().expect("more");
    assert_eq!(
        home.get(&format!("/api/events?limit=1&continue={token}"))
            .await
            .json()["items"][0],
        items[1]
    );
}
