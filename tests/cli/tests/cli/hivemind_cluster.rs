//! `hivemind cluster`

use hm_api::ErrorCode;
use hm_model::{Span, TokenId};
use insta::assert_snapshot;
use serde_json::json;

use crate::canned;
use crate::daemon::Reply;
use crate::stage::Stage;

const SECRET: &str = "hm1.0123456789abc.secret";

fn new_token() -> Reply {
    let expires = canned::now().saturating_add(Span::from_secs(3600));
    Reply::status(
        201,
        &json!({"token": SECRET, "id": TokenId::from_u64(7), "expires_at": expires}),
    )
}

#[test]
fn status_says_who_leads_and_what_may_be_lost() {
    let stage = Stage::new();
    let _daemon = stage.play(vec![
        ("GET /api/cluster", Reply::json(&canned::cluster(3, true))),
        ("GET /api/cluster", Reply::json(&canned::cluster(2, true))),
        ("GET /api/cluster", Reply::json(&canned::cluster(1, false))),
        ("GET /api/nodes", Reply::list(&canned::nodes())),
    ]);
    assert_snapshot!(stage.transcript(&[
        "hivemind-cluster status",
        "hivemind-cluster status",
        "hivemind-cluster status",
        "hivemind-cluster status --json",
    ]));
}

#[test]
fn a_token_is_alone_on_standard_output() {
    let stage = Stage::new();
    let daemon = stage.play(vec![("POST /api/tokens", new_token())]);
    let finished = stage.run("hivemind-cluster token --ttl 90m --uses 2");
    assert_eq!(
        (finished.code(), finished.stdout),
        (0, format!("{SECRET}\n"))
    );
    assert_eq!(
        finished.stderr,
        "lets 2 nodes join within 1h30m; take it back with `hivemind cluster token revoke 0000000000007`\n"
    );
    let json: serde_json::Value =
        serde_json::from_str(&stage.run("hivemind-cluster token --json").stdout)
            .expect("an object");
    assert_eq!(json["token"], SECRET);
    assert_eq!(
        daemon.heard(),
        [
            r#"POST /api/tokens {"ttl":"1h30m","uses":2}"#,
            r#"POST /api/tokens {"ttl":"1h"}"#
        ]
    );
}

#[test]
fn tokens_are_listed_without_secrets_and_revoked() {
    let stage = Stage::new();
    let token = |id: u64, uses: Option<u32>| {
        let expires = canned::now().saturating_add(Span::from_secs(7260));
        json!({"id": TokenId::from_u64(id), "created_at": canned::ago(Span::from_secs(7200)),
            "expires_at": expires, "uses_left": uses})
    };
    let daemon = stage.play(vec![
        (
            "GET /api/tokens",
            Reply::list(&[token(7, Some(2)), token(8, None)]),
        ),
        (
            "DELETE /api/tokens/0000000000007",
            Reply::Whole {
                status: 204,
                body: String::new(),
            },
        ),
        (
            "DELETE /api/tokens/0000000000009",
            Reply::problem(ErrorCode::NotFound, "no such token"),
        ),
    ]);
    assert_snapshot!(stage.transcript(&[
        "hivemind-cluster token ls",
        "hivemind-cluster token ls -q",
        "hivemind-cluster token revoke 0000000000007",
        "hivemind-cluster token revoke --id 0000000000009",
        "hivemind-cluster token revoke",
    ]));
    assert_eq!(daemon.heard().len(), 4);
}

#[test]
fn nonsense_is_refused_before_the_daemon_is_asked() {
    let stage = Stage::new();
    assert_snapshot!(stage.transcript(&[
        "hivemind-cluster token --ttl 1",
        "hivemind-cluster token --ttl 31d",
        "hivemind-cluster token --uses 0",
        "hivemind-cluster token --uses 2 ls",
    ]));
}
