//! Answers the calls and takes the links of other nodes.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hm_model::NodeId;
use hm_ports::{Link, Refusal};
use hm_protocol::agent::STREAM;
use hm_protocol::decode;
use hm_protocol::server::{Heard, PROPOSE, Proposal, SIGHTINGS};
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::agents;
use crate::core::Core;

impl Core {
    /// Answers one call of a node. `from` is proven by its certificate.
    pub async fn answer(&self, from: NodeId, method: &str, body: &[u8]) -> Result<Bytes, Refusal> {
        match method {
            PROPOSE => {
                self.only_servers(from)?;
                let proposal: Proposal = read(body)?;
                match self.propose_forwarded(&proposal).await {
                    Ok(reply) => Ok(Bytes::from(reply.to_bytes())),
                    Err(not_leading) => Err(Refusal::new("not_leading", not_leading.to_string())),
                }
            }
            SIGHTINGS => {
                self.only_servers(from)?;
                if !self.raft.has_quorum() {
                    return Err(Refusal::new(
                        "not_leading",
                        "this server does not lead, or lost its quorum",
                    ));
                }
                let heard: Heard = read(body)?;
                let now = Instant::now();
                for agent in heard.agents {
                    // Before this machine started is as good as never.
                    if let Some(at) = now.checked_sub(Duration::from_millis(agent.millis_ago)) {
                        self.sightings.told(agent.node, at, agent.applied_revision);
                    }
                }
                Ok(Bytes::new())
            }
            unknown => Err(Refusal::new(
                "unknown_method",
                format!("servers do not answer `{unknown}`"),
            )),
        }
    }

    /// Takes over a link that a node opened.
    pub async fn take_link(
        self: Arc<Self>,
        from: NodeId,
        method: &str,
        hello: &[u8],
        link: Link,
    ) -> Result<(), Refusal> {
        match method {
            STREAM => agents::serve(self, from, read(hello)?, link).await,
            unknown => Err(Refusal::new(
                "unknown_method",
                format!("servers do not take links `{unknown}`"),
            )),
        }
    }

    fn only_servers(&self, from: NodeId) -> Result<(), Refusal> {
        if self.store.state().servers().listens(from) {
            return Ok(());
        }
        Err(Refusal::new(
            "not_a_server",
            format!("node {from} is not a server of this cluster"),
        ))
    }
}

pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    decode(body).map_err(|error| Refusal::new("unreadable", error.to_string()))
}
