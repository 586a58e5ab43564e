//! The `[cluster]` part of the daemon's configuration file.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Name, Span};

/// How a cluster is founded and how quickly it misses a node. Times may be written as seconds: `join_timeout = 60`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct ClusterOptions {
    pub name: Name,
    /// How long joining may take.
    #[serde(with = "seconds")]
    pub join_timeout: Span,
    /// How often nodes ask after each other.
    #[serde(with = "seconds")]
    pub gossip_interval: Span,
    /// How many silent intervals make a node `down`.
    pub failure_threshold: u32,
}

/// An option outside its range.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ClusterOptionsError {
    #[error("cluster.{key} is {value}, but must be between {min} and {max}")]
    Time {
        key: &'static str,
        value: Span,
        min: Span,
        max: Span,
    },
    #[error("cluster.failure_threshold is {value}, but must be between {min} and {max}")]
    FailureThreshold { value: u32, min: u32, max: u32 },
}

const JOIN_TIMEOUT: (Span, Span) = (Span::from_secs(1), Span::from_secs(3600));
const GOSSIP_INTERVAL: (Span, Span) = (Span::from_millis(100), Span::from_secs(60));
const FAILURE_THRESHOLD: (u32, u32) = (2, 100);

impl Default for ClusterOptions {
    fn default() -> Self {
        Self {
            name: Name::known("hivemind"),
            join_timeout: Span::from_secs(60),
            gossip_interval: Span::from_secs(1),
            failure_threshold: 3,
        }
    }
}

impl ClusterOptions {
    /// Whether every option is within its range.
    pub fn check(&self) -> Result<(), ClusterOptionsError> {
        let times = [
            ("join_timeout", self.join_timeout, JOIN_TIMEOUT),
            ("gossip_interval", self.gossip_interval, GOSSIP_INTERVAL),
        ];
        for (key, value, (min, max)) in times {
            if value < min || value > max {
                return Err(ClusterOptionsError::Time {
                    key,
                    value,
                    min,
                    max,
                });
            }
        }
        let (min, max) = FAILURE_THRESHOLD;
        if self.failure_threshold < min || self.failure_threshold > max {
            return Err(ClusterOptionsError::FailureThreshold {
                value: self.failure_threshold,
                min,
                max,
            });
        }
        Ok(())
    }

    /// The whole bound from a node's silence to `down`.
    pub const fn silence_to_down(&self) -> Span {
        Span::from_millis(
            self.gossip_interval
                .as_millis()
                .saturating_mul(self.failure_threshold as u64),
        )
    }
}

/// Seconds as a bare number, other lengths of time as text.
mod seconds {
    use std::fmt;

    use super::{Deserializer, Serializer, Span, de};

    pub(super) fn serialize<S: Serializer>(span: &Span, serializer: S) -> Result<S::Ok, S::Error> {
        if span.as_millis().is_multiple_of(1000) {
            serializer.serialize_u64(span.as_secs())
        } else {
            serializer.collect_str(span)
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Span, D::Error> {
        deserializer.deserialize_any(SecondsVisitor)
    }

    struct SecondsVisitor;

    impl de::Visitor<'_> for SecondsVisitor {
        type Value = Span;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number of seconds, or a length of time such as \"500ms\"")
        }

        fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Span, E> {
            Ok(Span::from_secs(seconds))
        }

        fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Span, E> {
            u64::try_from(seconds)
                .map(Span::from_secs)
                .map_err(|_| E::custom("a length of time is never negative"))
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Span, E> {
            text.parse().map_err(E::custom)
        }
    }
}
