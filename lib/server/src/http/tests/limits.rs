//! Limits: sizes, times, rates, content types.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use hm_api::Operation;
use hm_api::route::Route;

use super::conform::Document;
use super::home::{Home, good_request, request, stranger};

#[tokio::test]
async fn large_bodies_and_other_content_types_are_refused() {
    let (home, document) = (Home::new(), Document::new());
    let route = Route::of(Operation::TokenCreate);
    let post = || request("POST", "/api/tokens");
    let large = Body::from(vec![b' '; 1024 * 1024 + 1]);
    let large = home
        .root(
            post()
                .header("content-type", "application/json")
                .body(large)
                .expect("a request"),
        )
        .await;
    assert_eq!((large.status, large.code().as_str()), (413, "too_large"));
    document.check(&route, &large);
    for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let refused = home
            .root(
                post()
                    .header("content-type", kind)
                    .body(Body::from("{}"))
                    .expect("a request"),
            )
            .await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (415, "unsupported_media_type"),
            "{kind}"
        );
        document.check(&route, &refused);
    }
    let json = post()
        .header("content-type", "application/json; charset=utf-8")
        .body(Body::from("{}"))
        .expect("a request");
    assert_eq!(home.root(json).await.status, 201);
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_is_ended() {
    let (home, document) = (Home::new(), Document::new());
    home.node.small.hangs.store(true, Ordering::SeqCst);
    let begun = tokio::time::Instant::now();
    let late = home.root(good_request(Operation::SettingSet)).await;
    assert_eq!((late.status, late.code().as_str()), (504, "timeout"));
    assert_eq!(begun.elapsed().as_secs(), 30);
    document.check(&Route::of(Operation::SettingSet), &late);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_ended() {
    let home = Home::new();
    let endless = Body::from_stream(futures_util::stream::pending::<
        Result<bytes::Bytes, std::io::Error>,
    >());
    let request = request("POST", "/api/tokens")
        .header("content-type", "application/json")
        .body(endless)
        .expect("a request");
    assert_eq!(home.root(request).await.code(), "timeout");
}

#[tokio::test(start_paused = true)]
async fn strangers_are_slowed_down_and_root_is_not() {
    let (home, document) = (Home::new(), Document::new());
    let mut limited = None;
    for _ in 0..100 {
        let answer = home.ask(&stranger(), good_request(Operation::Health)).await;
        if answer.status == 429 {
            limited = Some(answer);
            break;
        }
    }
    let limited = limited.expect("a limit");
    assert_eq!(
        (limited.code().as_str(), limited.header("retry-after")),
        ("rate_limited", Some("1"))
    );
    document.check(&Route::of(Operation::Health), &limited);
    for _ in 0..1_000 {
        assert_eq!(home.root(good_request(Operation::Health)).await.status, 200);
    }
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(
        home.ask(&stranger(), good_request(Operation::Health))
            .await
            .status,
        200
    );
}
