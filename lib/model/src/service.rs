//! Services: an app's name on the network.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::text::words;
use crate::{Generation, ObjectKey, Protocol};

/// The DNS name, virtual addresses and ports of an app. Its key is the app's.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Service {
    pub key: ObjectKey,
    #[serde(default)]
    pub generation: Generation,
    #[serde(default)]
    pub addresses: Vec<IpAddr>,
    #[serde(default)]
    pub ports: Vec<ServicePort>,
    #[serde(default)]
    pub balancing: Balancing,
}

/// A port of the service and the port of the replicas that answers.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct ServicePort {
    pub port: u16,
    pub target: u16,
    #[serde(default)]
    pub protocol: Protocol,
}

words! {
    /// How a service chooses among its endpoints.
    #[derive(Default, Hash)]
    pub enum Balancing("a way of balancing") {
        #[default]
        RoundRobin = "round-robin",
        Random = "random",
        LeastConnections = "least-connections",
        /// The same endpoint for the same client.
        SourceHash = "source-hash" | "ip-hash",
    }
}
