//! `hivemind health`

use hm_api::health::HealthStatus;
use insta::assert_snapshot;

use crate::canned;
use crate::daemon::Reply;
use crate::stage::Stage;

#[test]
fn only_ok_is_healthy_and_the_trouble_is_named() {
    let stage = Stage::new();
    let down = canned::health(HealthStatus::Down);
    let _daemon = stage.play(vec![
        (
            "GET /api/health",
            Reply::json(&canned::health(HealthStatus::Ok)),
        ),
        (
            "GET /api/health",
            Reply::json(&canned::health(HealthStatus::Degraded)),
        ),
        ("GET /api/health", Reply::status(503, &down)),
    ]);
    assert_snapshot!(stage.transcript(&[
        "hivemind-health",
        "hivemind-health",
        "hivemind-health",
        "hivemind-health --json",
    ]));
}

#[test]
fn waiting_tells_what_is_missing_and_ends_when_all_is_well() {
    let stage = Stage::new();
    let _daemon = stage.play(vec![
        (
            "GET /api/health",
            Reply::status(503, &canned::health(HealthStatus::Down)),
        ),
        (
            "GET /api/health",
            Reply::json(&canned::health(HealthStatus::Ok)),
        ),
    ]);
    assert_snapshot!(stage.transcript(&["hivemind-health --wait"]));
}

#[test]
fn waiting_gives_up_in_time() {
    let stage = Stage::new();
    assert_snapshot!(stage.transcript(&["hivemind-health --wait --timeout 20ms"]));
}
