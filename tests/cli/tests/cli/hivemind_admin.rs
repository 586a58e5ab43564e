//! `hivemind admin`

use hm_api::ErrorCode;
use hm_api::setting::SettingSource;
use insta::assert_snapshot;

use crate::canned;
use crate::daemon::Reply;
use crate::stage::Stage;

const PATH: &str = "/api/settings/scheduler.rebalance_threshold";

#[test]
fn settings_are_shown_changed_and_returned_to_their_defaults() {
    let stage = Stage::new();
    let (get, put, delete) = (
        format!("GET {PATH}"),
        format!("PUT {PATH}"),
        format!("DELETE {PATH}"),
    );
    let set = canned::setting(20, SettingSource::Set);
    let unset = canned::setting(10, SettingSource::Default);
    let daemon = stage.play(vec![
        ("GET /api/settings", Reply::list(&[&set])),
        (&get, Reply::json(&set)),
        (&put, Reply::json(&set)),
        (&delete, Reply::json(&unset)),
    ]);
    assert_snapshot!(stage.transcript(&[
        "hivemind-admin config ls",
        "hivemind-admin config ls -q",
        "hivemind-admin config get scheduler.rebalance_threshold",
        "hivemind-admin config get scheduler.rebalance_threshold --json",
        "hivemind-admin config set scheduler.rebalance_threshold 20",
        "hivemind-admin config set scheduler.rebalance_threshold 30 --dry-run",
        "hivemind-admin config unset scheduler.rebalance_threshold --dry-run",
        "hivemind-admin config unset scheduler.rebalance_threshold",
    ]));
    let changes: Vec<String> = daemon
        .heard()
        .into_iter()
        .filter(|request| !request.starts_with("GET"))
        .collect();
    assert_eq!(changes, [format!(r#"{put} {{"value":20}}"#), delete]);
}

#[test]
fn wrong_keys_and_values_are_caught_here_and_the_daemons_refusals_told() {
    let stage = Stage::new();
    let no_quorum = Reply::problem(
        ErrorCode::NoQuorum,
        "1 of 3 servers alive, 2 needed: node-2, node-3 are missing",
    );
    let put = format!("PUT {PATH}");
    let daemon = stage.play(vec![(&put, no_quorum)]);
    assert_snapshot!(stage.transcript(&[
        "hivemind-admin config set scheduler.rebalance_treshold 20",
        "hivemind-admin config get colour",
        "hivemind-admin config set scheduler.rebalance_threshold many",
        "hivemind-admin config set scheduler.rebalance_threshold -1",
        "hivemind-admin config set scheduler.rebalance_threshold 20",
    ]));
    assert_eq!(daemon.heard().len(), 1);
}

#[test]
fn every_example_of_the_administration_guide_is_accepted() {
    let stage = Stage::new();
    for (key, value) in [
        ("scheduler.rebalance_threshold", "20"),
        ("scheduler.scheduling_interval", "30"),
        ("network.vxlan_mtu", "1450"),
        ("network.max_transmit_unit", "1500"),
        ("memory.overcommit_ratio", "1.2"),
        ("storage.io_weight", "100"),
    ] {
        let put = format!("PUT /api/settings/{key}");
        let _daemon = stage.play(vec![(
            &put,
            Reply::json(&canned::setting(20, SettingSource::Set)),
        )]);
        assert_eq!(
            stage
                .run(&format!("hivemind-admin config set {key} {value}"))
                .code(),
            0,
            "{key} {value}"
        );
    }
}
