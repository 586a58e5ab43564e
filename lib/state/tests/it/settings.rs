//! Settings: typed, within their bounds, and fitting together.

use hm_model::{SettingKey, SettingValue};
use hm_state::{Entry, Refused};

use crate::log::{Log, restored};

fn set(key: SettingKey, value: &str) -> Entry {
    Entry::SetSetting {
        key,
        value: value.to_owned(),
    }
}

fn number(log: &Log, key: SettingKey) -> u64 {
    match log.state.all_settings().get(key) {
        SettingValue::Number(number) => number,
        SettingValue::Ratio(_) | SettingValue::Strategy(_) => panic!("{key} is no number"),
    }
}

#[test]
fn set_and_unset() {
    let mut log = Log::founded();
    let key = SettingKey::IoWeight;
    assert_eq!(number(&log, key), 100);
    assert_eq!(log.generation(set(key, "200")), 1);
    assert_eq!(log.generation(set(key, "300")), 2);
    assert_eq!(number(&log, key), 300);
    let stale = log.refused_as(log.expecting(1, set(key, "400")));
    assert!(matches!(
        stale,
        Refused::GenerationMismatch {
            expected: 1,
            found: 2,
            ..
        }
    ));
    let stale = log.refused_as(log.expecting(1, Entry::UnsetSetting(key)));
    assert!(matches!(
        stale,
        Refused::GenerationMismatch {
            expected: 1,
            found: 2,
            ..
        }
    ));
    log.done_as(log.expecting(2, Entry::UnsetSetting(key)));
    assert_eq!(number(&log, key), 100);
    // Safe to do twice.
    log.done(Entry::UnsetSetting(key));
    assert_eq!(
        log.done_as(log.expecting(0, set(key, "1"))).generation,
        Some(1)
    );
}

#[test]
fn a_value_is_kept_in_its_one_form() {
    let mut log = Log::founded();
    log.done(set(SettingKey::CpuOvercommitRatio, "1.50"));
    let kept = log.state.settings().value(&SettingKey::CpuOvercommitRatio);
    assert_eq!(kept.unwrap(), "1.5");
}

#[test]
fn wrong_values_are_refused() {
    let mut log = Log::founded();
    for (key, value) in [
        (SettingKey::IoWeight, "many"),
        (SettingKey::IoWeight, "0"),
        (SettingKey::IoWeight, "10001"),
        (SettingKey::Strategy, "best"),
        (SettingKey::CpuOvercommitRatio, "0.01"),
        (SettingKey::VxlanMtu, "1279"),
    ] {
        let refused = log.refused(set(key, value));
        assert!(matches!(refused, Refused::Invalid { .. }), "{key} {value}");
    }
    assert!(log.state.settings().is_empty());
}

#[test]
fn settings_must_fit_together() {
    let mut log = Log::founded();
    let (outer, inner) = (SettingKey::MaxTransmitUnit, SettingKey::VxlanMtu);
    log.refused(set(inner, "8950"));
    log.done(set(outer, "9000"));
    log.done(set(inner, "8950"));
    assert_eq!((number(&log, outer), number(&log, inner)), (9000, 8950));
    log.refused(Entry::UnsetSetting(outer));
    log.refused(set(outer, "8999"));
    log.done(Entry::UnsetSetting(inner));
    log.done(Entry::UnsetSetting(outer));

    // Both below the default of the other: neither order of reading them back loses one.
    log.refused(set(outer, "1400"));
    log.done(set(inner, "1300"));
    log.done(set(outer, "1400"));
    assert_eq!((number(&log, outer), number(&log, inner)), (1400, 1300));
    log.refused(Entry::UnsetSetting(inner));
    let again = restored(&log.state);
    assert_eq!(again.all_settings(), log.state.all_settings());
}
