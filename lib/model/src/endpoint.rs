//! Endpoints: the ready replicas behind a service.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::text::words;
use crate::{NodeId, ReplicaId};

/// A replica that answers for its service.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Endpoint {
    pub replica: ReplicaId,
    pub node: NodeId,
    #[serde(default)]
    pub addresses: Vec<IpAddr>,
    #[serde(default)]
    pub state: EndpointState,
}

words! {
    /// Whether an endpoint gets traffic.
    #[derive(Default, Hash)]
    pub enum EndpointState("a state of an endpoint") {
        #[default]
        Ready = "ready",
        /// Keeps its connections, gets no new ones.
        Draining = "draining",
    }
}
