//! What containers ask for and what they may use at most.

use serde::{Deserialize, Serialize};

use crate::{Bytes, Cpu};

/// Requests and limits of a container. A request is reserved on the node; a limit is enforced by the kernel.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Resources {
    pub cpu: Cpu,
    pub memory: Bytes,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_limit: Option<Cpu>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<Bytes>,
    /// Refused when an app is deployed, until storage is accounted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<Bytes>,
}

/// What placement reserves on a node.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Requests {
    pub cpu: Cpu,
    pub memory: Bytes,
}

/// What a node has.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Capacity {
    pub cpu: Cpu,
    pub memory: Bytes,
    pub disk: Bytes,
}

impl Resources {
    pub const fn requests(&self) -> Requests {
        Requests {
            cpu: self.cpu,
            memory: self.memory,
        }
    }
}

impl Requests {
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            cpu: self.cpu.saturating_add(other.cpu),
            memory: self.memory.saturating_add(other.memory),
        }
    }

    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self {
            cpu: self.cpu.saturating_sub(other.cpu),
            memory: self.memory.saturating_sub(other.memory),
        }
    }

    pub fn fits(self, room: Self) -> bool {
        self.cpu <= room.cpu && self.memory <= room.memory
    }
}
