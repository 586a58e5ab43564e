//! Settings: ranges, defaults and what must fit together.

use hm_model::{PlacementStrategy, Ratio, SettingError, SettingKey, SettingValue, Settings};

#[test]
fn every_default_is_allowed_and_reads_back() {
    for key in SettingKey::ALL {
        let info = key.info();
        assert_eq!(info.key, *key);
        assert!(!info.description.is_empty());
        assert_eq!(
            key.parse(&info.default.to_string()),
            Ok(info.default),
            "{key}"
        );
        assert_eq!(Settings::default().get(*key), info.default);
        assert!(!Settings::default().is_changed(*key));
    }
}

#[test]
fn the_values_of_the_administration_guide() {
    let mut settings = Settings::default();
    let guide = [
        ("scheduler.rebalance_threshold", "20"),
        ("scheduler.scheduling_interval", "30"),
        ("network.vxlan_mtu", "1450"),
        ("network.max_transmit_unit", "1500"),
        ("memory.overcommit_ratio", "1.2"),
        ("storage.io_weight", "100"),
    ];
    for (key, value) in guide {
        let key = SettingKey::find(key).unwrap();
        settings.set(key, key.parse(value).unwrap()).unwrap();
        assert!(settings.is_changed(key));
    }
    assert_eq!(
        settings.memory_overcommit_ratio(),
        Ratio::from_thousandths(1200)
    );
    assert_eq!(settings.strategy(), PlacementStrategy::Spread);
    assert_eq!(settings.scheduling_interval().as_secs(), 30);
    let json = serde_json::to_string(&settings).unwrap();
    assert_eq!(serde_json::from_str::<Settings>(&json).unwrap(), settings);
    let toml = toml::to_string(&settings).unwrap();
    assert_eq!(toml::from_str::<Settings>(&toml).unwrap(), settings);
    let mut cbor = Vec::new();
    ciborium::into_writer(&settings, &mut cbor).unwrap();
    assert_eq!(
        ciborium::from_reader::<Settings, _>(&cbor[..]).unwrap(),
        settings
    );
}

#[test]
fn wrong_values_say_what_is_right() {
    let message = |key: &str, value: &str| {
        SettingKey::find(key)
            .and_then(|key| key.parse(value))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        message("scheduler.rebalance_threshold", "120"),
        "scheduler.rebalance_threshold cannot be 120: it is a whole number from 0 to 100"
    );
    assert_eq!(
        message("memory.overcommit_ratio", "lots"),
        "memory.overcommit_ratio cannot be `lots`: it is a ratio from 0.1 to 10.0, such as 1.2"
    );
    assert_eq!(
        message("scheduler.strategy", "best"),
        "scheduler.strategy cannot be `best`: it is one of spread, binpack, first-fit, random"
    );
    assert!(
        message("network.vxlan_mut", "1")
            .starts_with("there is no setting `network.vxlan_mut`; the settings are cpu.")
    );
    for wrong in ["", "+1", "1.0", "-1", "99999999999999999999"] {
        assert!(SettingKey::IoWeight.parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_overlay_must_fit_into_a_packet() {
    let mut settings = Settings::default();
    let before = settings.clone();
    let error = settings
        .set(SettingKey::VxlanMtu, SettingValue::Number(1451))
        .unwrap_err();
    assert_eq!(
        error,
        SettingError::OverlayTooLarge {
            vxlan_mtu: 1451,
            max_transmit_unit: 1500
        }
    );
    assert!(error.to_string().contains("at most 1450 fits"), "{error}");
    assert_eq!(settings, before);
    settings
        .set(SettingKey::MaxTransmitUnit, SettingValue::Number(9000))
        .unwrap();
    settings
        .set(SettingKey::VxlanMtu, SettingValue::Number(8950))
        .unwrap();
    assert!(settings.unset(SettingKey::MaxTransmitUnit).is_err());
    settings.unset(SettingKey::VxlanMtu).unwrap();
    settings.unset(SettingKey::MaxTransmitUnit).unwrap();
    assert_eq!(settings, before);
    assert!(
        settings
            .set(SettingKey::VxlanMtu, SettingValue::Ratio(Ratio::ONE))
            .is_err()
    );
}

#[test]
fn the_state_may_hold_settings_of_other_versions_but_people_may_not_write_them() {
    let unknown =
        std::collections::BTreeMap::from([("future.thing", "1"), ("storage.io_weight", "7")]);
    let mut cbor = Vec::new();
    ciborium::into_writer(&unknown, &mut cbor).unwrap();
    assert_eq!(
        ciborium::from_reader::<Settings, _>(&cbor[..])
            .unwrap()
            .io_weight(),
        7
    );
    let json = serde_json::to_string(&unknown).unwrap();
    assert!(serde_json::from_str::<Settings>(&json).is_err());
}
