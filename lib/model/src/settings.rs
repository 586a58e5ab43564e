//! Settings of the running cluster: what `hivemind admin config set KEY VALUE` can change, with types, ranges and defaults.

mod table;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::parse_error::clip;
use crate::text::{serde_as_text_or_number, words};
use crate::{ParseError, Ratio};

words! {
    /// The name of a setting.
    #[derive(Hash)]
    pub enum SettingKey("a setting") {
        CpuOvercommitRatio = "cpu.overcommit_ratio",
        MemoryOvercommitRatio = "memory.overcommit_ratio",
        MaxTransmitUnit = "network.max_transmit_unit",
        VxlanMtu = "network.vxlan_mtu",
        RebalanceThreshold = "scheduler.rebalance_threshold",
        SchedulingInterval = "scheduler.scheduling_interval",
        Strategy = "scheduler.strategy",
        IoWeight = "storage.io_weight",
    }
}

words! {
    /// How placement chooses among the nodes with room.
    #[derive(Default, Hash)]
    pub enum PlacementStrategy("a placement strategy") {
        /// The emptiest.
        #[default]
        Spread = "spread",
        /// The fullest.
        Binpack = "binpack",
        FirstFit = "first-fit",
        Random = "random",
    }
}

/// Everything there is to say about a setting.
#[derive(Clone, Copy, Debug)]
pub struct SettingInfo {
    pub key: SettingKey,
    pub kind: SettingKind,
    pub default: SettingValue,
    /// Of the number, if it has one.
    pub unit: &'static str,
    pub description: &'static str,
}

/// What a setting's values are, and between which bounds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SettingKind {
    Number { min: u64, max: u64 },
    Ratio { min: Ratio, max: Ratio },
    Strategy,
}

/// A value of a setting.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SettingValue {
    Number(u64),
    Ratio(Ratio),
    Strategy(PlacementStrategy),
}

/// Why a setting cannot have a value.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SettingError {
    #[error("there is no setting `{key}`; the settings are {}", all_keys())]
    Unknown { key: String },
    #[error("{key} cannot be `{value}`: it is {expected}")]
    WrongKind {
        key: SettingKey,
        value: String,
        expected: SettingKind,
    },
    #[error("{key} cannot be {value}: it is {expected}")]
    OutOfRange {
        key: SettingKey,
        value: SettingValue,
        expected: SettingKind,
    },
    #[error(
        "network.vxlan_mtu would be {vxlan_mtu} with network.max_transmit_unit {max_transmit_unit}, but VXLAN needs \
         {VXLAN_OVERHEAD} bytes of every packet: at most {} fits",
        max_transmit_unit.saturating_sub(VXLAN_OVERHEAD)
    )]
    OverlayTooLarge {
        vxlan_mtu: u64,
        max_transmit_unit: u64,
    },
}

/// What VXLAN over IPv4 adds to a packet.
pub const VXLAN_OVERHEAD: u64 = 50;

/// The settings that somebody has changed; all others have their defaults. Never holds a value that is not allowed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Settings {
    changed: BTreeMap<SettingKey, SettingValue>,
}

impl SettingKey {
    /// Its row of the table of settings.
    pub const fn info(self) -> SettingInfo {
        table::row(self)
    }

    /// Reads a key as someone typed it.
    pub fn find(key: &str) -> Result<Self, SettingError> {
        key.parse()
            .map_err(|_: ParseError| SettingError::Unknown { key: clip(key) })
    }

    /// Reads a value for this setting.
    pub fn parse(self, text: &str) -> Result<SettingValue, SettingError> {
        let expected = self.info().kind;
        let value = match expected {
            SettingKind::Number { .. } => {
                let digits = text.bytes().all(|b| b.is_ascii_digit());
                text.parse()
                    .ok()
                    .filter(|_| digits)
                    .map(SettingValue::Number)
            }
            SettingKind::Ratio { .. } => text.parse().ok().map(SettingValue::Ratio),
            SettingKind::Strategy => text.parse().ok().map(SettingValue::Strategy),
        };
        let value = value.ok_or_else(|| SettingError::WrongKind {
            key: self,
            value: clip(text),
            expected,
        })?;
        self.check(value)?;
        Ok(value)
    }

    fn check(self, value: SettingValue) -> Result<(), SettingError> {
        let expected = self.info().kind;
        let within = match (expected, value) {
            (SettingKind::Number { min, max }, SettingValue::Number(number)) => {
                (min..=max).contains(&number)
            }
            (SettingKind::Ratio { min, max }, SettingValue::Ratio(ratio)) => {
                (min..=max).contains(&ratio)
            }
            (SettingKind::Strategy, SettingValue::Strategy(_)) => true,
            (_, value) => {
                return Err(SettingError::WrongKind {
                    key: self,
                    value: value.to_string(),
                    expected,
                });
            }
        };
        if within {
            Ok(())
        } else {
            Err(SettingError::OutOfRange {
                key: self,
                value,
                expected,
            })
        }
    }
}

impl Settings {
    /// What holds now.
    pub fn get(&self, key: SettingKey) -> SettingValue {
        self.changed
            .get(&key)
            .copied()
            .unwrap_or(key.info().default)
    }

    /// Whether somebody has set it, be it to its default.
    pub fn is_changed(&self, key: SettingKey) -> bool {
        self.changed.contains_key(&key)
    }

    /// Changes one setting, or nothing if that is not allowed.
    pub fn set(&mut self, key: SettingKey, value: SettingValue) -> Result<(), SettingError> {
        key.check(value)?;
        let mut next = self.clone();
        next.changed.insert(key, value);
        next.check_together()?;
        *self = next;
        Ok(())
    }

    /// Returns one setting to its default, or changes nothing if that is not allowed.
    pub fn unset(&mut self, key: SettingKey) -> Result<(), SettingError> {
        let mut next = self.clone();
        next.changed.remove(&key);
        next.check_together()?;
        *self = next;
        Ok(())
    }

    fn check_together(&self) -> Result<(), SettingError> {
        let (vxlan_mtu, max_transmit_unit) = (self.vxlan_mtu(), self.max_transmit_unit());
        if vxlan_mtu + VXLAN_OVERHEAD > max_transmit_unit {
            return Err(SettingError::OverlayTooLarge {
                vxlan_mtu,
                max_transmit_unit,
            });
        }
        Ok(())
    }

    pub fn cpu_overcommit_ratio(&self) -> Ratio {
        self.ratio(SettingKey::CpuOvercommitRatio)
    }

    pub fn memory_overcommit_ratio(&self) -> Ratio {
        self.ratio(SettingKey::MemoryOvercommitRatio)
    }

    pub fn max_transmit_unit(&self) -> u64 {
        self.number(SettingKey::MaxTransmitUnit)
    }

    pub fn vxlan_mtu(&self) -> u64 {
        self.number(SettingKey::VxlanMtu)
    }

    /// In percent.
    pub fn rebalance_threshold(&self) -> u64 {
        self.number(SettingKey::RebalanceThreshold)
    }

    pub fn scheduling_interval(&self) -> crate::Span {
        crate::Span::from_secs(self.number(SettingKey::SchedulingInterval))
    }

    pub fn strategy(&self) -> PlacementStrategy {
        match self.get(SettingKey::Strategy) {
            SettingValue::Strategy(strategy) => strategy,
            SettingValue::Number(_) | SettingValue::Ratio(_) => PlacementStrategy::default(),
        }
    }

    pub fn io_weight(&self) -> u64 {
        self.number(SettingKey::IoWeight)
    }

    /// Of a setting whose kind is a number: `check` lets nothing else in.
    fn number(&self, key: SettingKey) -> u64 {
        match self.get(key) {
            SettingValue::Number(number) => number,
            SettingValue::Ratio(_) | SettingValue::Strategy(_) => 0,
        }
    }

    fn ratio(&self, key: SettingKey) -> Ratio {
        match self.get(key) {
            SettingValue::Ratio(ratio) => ratio,
            SettingValue::Number(_) | SettingValue::Strategy(_) => Ratio::ONE,
        }
    }
}

fn all_keys() -> String {
    let keys: Vec<&str> = SettingKey::ALL.iter().map(|key| key.as_str()).collect();
    keys.join(", ")
}

impl fmt::Display for SettingValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Ratio(ratio) => ratio.fmt(f),
            Self::Strategy(strategy) => strategy.fmt(f),
        }
    }
}

impl fmt::Display for SettingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { min, max } => write!(f, "a whole number from {min} to {max}"),
            Self::Ratio { min, max } => write!(f, "a ratio from {min} to {max}, such as 1.2"),
            Self::Strategy => {
                let all: Vec<&str> = PlacementStrategy::ALL
                    .iter()
                    .map(|strategy| strategy.as_str())
                    .collect();
                write!(f, "one of {}", all.join(", "))
            }
        }
    }
}

impl Serialize for SettingValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Ratio(_) | Self::Strategy(_) => serializer.collect_str(self),
        }
    }
}

impl Serialize for Settings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.changed.serialize(serializer)
    }
}

/// A value before its key says how to read it.
struct RawValue(String);

impl std::str::FromStr for RawValue {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for RawValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text_or_number!(RawValue, "a value of a setting");

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The state may hold a setting that this version no longer has, or not yet; people may not.
        let strict = deserializer.is_human_readable();
        let raw = <BTreeMap<String, RawValue>>::deserialize(deserializer)?;
        let mut settings = Self::default();
        for (key, RawValue(value)) in raw {
            let key = match SettingKey::find(&key) {
                Ok(key) => key,
                Err(_) if !strict => continue,
                Err(error) => return Err(de::Error::custom(error)),
            };
            let value = key.parse(&value).map_err(de::Error::custom)?;
            settings.changed.insert(key, value);
        }
        settings.check_together().map_err(de::Error::custom)?;
        Ok(settings)
    }
}
