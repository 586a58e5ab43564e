//! The table of settings: one row each.

use super::{
    PlacementStrategy, SettingInfo, SettingKey, SettingKind, SettingValue, VXLAN_OVERHEAD,
};
use crate::Ratio;

/// The smallest packet that IPv6 must be able to send.
const LEAST_MTU: u64 = 1280;
/// The largest packet of common network cards.
const MOST_MTU: u64 = 9000;

pub(super) const fn row(key: SettingKey) -> SettingInfo {
    match key {
        SettingKey::CpuOvercommitRatio => SettingInfo {
            kind: ratio(100, 100_000),
            default: SettingValue::Ratio(Ratio::ONE),
            ..about(
                key,
                "How much cpu may be reserved on a node, as a multiple of what it has",
            )
        },
        SettingKey::MemoryOvercommitRatio => SettingInfo {
            kind: ratio(100, 10_000),
            default: SettingValue::Ratio(Ratio::ONE),
            ..about(
                key,
                "How much memory may be reserved on a node, as a multiple of what it has",
            )
        },
        SettingKey::MaxTransmitUnit => SettingInfo {
            kind: number(LEAST_MTU + VXLAN_OVERHEAD, MOST_MTU),
            default: SettingValue::Number(1500),
            unit: "bytes",
            ..about(key, "The largest packet between nodes")
        },
        SettingKey::VxlanMtu => SettingInfo {
            kind: number(LEAST_MTU, MOST_MTU - VXLAN_OVERHEAD),
            default: SettingValue::Number(1450),
            unit: "bytes",
            ..about(
                key,
                "The largest packet between containers on different nodes",
            )
        },
        SettingKey::RebalanceThreshold => SettingInfo {
            kind: number(0, 100),
            default: SettingValue::Number(20),
            unit: "percent",
            ..about(
                key,
                "How far the fullest and the emptiest node may be apart before replicas move",
            )
        },
        SettingKey::SchedulingInterval => SettingInfo {
            kind: number(1, 3600),
            default: SettingValue::Number(30),
            unit: "seconds",
            ..about(key, "How often placement looks for a better balance")
        },
        SettingKey::Strategy => SettingInfo {
            kind: SettingKind::Strategy,
            default: SettingValue::Strategy(PlacementStrategy::Spread),
            ..about(key, "How placement chooses among the nodes with room")
        },
        SettingKey::IoWeight => SettingInfo {
            kind: number(1, 10_000),
            default: SettingValue::Number(100),
            ..about(
                key,
                "The weight of a container's disk access against that of others",
            )
        },
    }
}

/// What every row starts from.
const fn about(key: SettingKey, description: &'static str) -> SettingInfo {
    SettingInfo {
        key,
        kind: number(0, 0),
        default: SettingValue::Number(0),
        unit: "",
        description,
    }
}

const fn number(min: u64, max: u64) -> SettingKind {
    SettingKind::Number { min, max }
}

const fn ratio(min: u64, max: u64) -> SettingKind {
    SettingKind::Ratio {
        min: Ratio::from_thousandths(min),
        max: Ratio::from_thousandths(max),
    }
}
