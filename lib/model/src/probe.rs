//! Probes: how a node finds out whether a container has started, is ready, and is alive.

use serde::{Deserialize, Serialize};

use crate::Span;

/// The probes of a container; none means that a running process is enough.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Probes {
    /// Until it succeeds, the others wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub startup: Option<Probe>,
    /// While it fails, the replica gets no traffic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready: Option<Probe>,
    /// When it fails, the container is restarted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<Probe>,
}

/// One probe: what is tried, how often, and how many answers decide.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Probe {
    pub check: Check,
    /// Before the first try.
    #[serde(default)]
    pub delay: Span,
    #[serde(default = "Probe::default_period")]
    pub period: Span,
    #[serde(default = "Probe::default_timeout")]
    pub timeout: Span,
    /// Successes in a row that make it good.
    #[serde(default = "Probe::default_successes")]
    pub success_threshold: u32,
    /// Failures in a row that make it bad.
    #[serde(default = "Probe::default_failures")]
    pub failure_threshold: u32,
}

/// What a probe tries.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// A GET that must answer 200 to 399.
    Http {
        port: u16,
        #[serde(default = "root_path")]
        path: String,
    },
    /// A connection that must open.
    Tcp { port: u16 },
    /// A command in the container that must exit with 0.
    Exec { command: Vec<String> },
}

fn root_path() -> String {
    "/".to_owned()
}

impl Probe {
    pub const fn new(check: Check) -> Self {
        Self {
            check,
            delay: Span::ZERO,
            period: Self::default_period(),
            timeout: Self::default_timeout(),
            success_threshold: Self::default_successes(),
            failure_threshold: Self::default_failures(),
        }
    }

    const fn default_period() -> Span {
        Span::from_secs(10)
    }

    const fn default_timeout() -> Span {
        Span::from_secs(5)
    }

    const fn default_successes() -> u32 {
        1
    }

    const fn default_failures() -> u32 {
        3
    }
}

impl Probes {
    /// Each probe with the name of its field.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &Probe)> {
        let all = [
            ("startup", &self.startup),
            ("ready", &self.ready),
            ("live", &self.live),
        ];
        all.into_iter()
            .filter_map(|(name, probe)| probe.as_ref().map(|probe| (name, probe)))
    }
}
