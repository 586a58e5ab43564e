//! What the REST door asks of this node.

use std::sync::Arc;

use hm_api::health::HealthCheck;
use hm_model::Timestamp;
use hm_node::Node;
use hm_ports::BoxFuture;
use hm_server::http::{ForwardError, Forwarded, Place, Response, Server, hand_on};
use hm_tls::Credentials;

pub(crate) struct ThisNode {
    pub(crate) node: Arc<Node>,
    pub(crate) credentials: Arc<Credentials>,
}

impl Place for ThisNode {
    fn server(&self) -> Option<Arc<dyn Server>> {
        self.node.core().map(|core| core as Arc<dyn Server>)
    }

    fn forward(&self, request: Forwarded) -> BoxFuture<Result<Response, ForwardError>> {
        Box::pin(hand_on(self.node.transport(), self.node.servers(), request))
    }

    fn linked(&self) -> bool {
        self.node.agent().connected().borrow().is_some()
    }

    fn certificate_expires_at(&self) -> Option<Timestamp> {
        let not_after = self
            .credentials
            .identity()
            .certificate()
            .validity()
            .not_after;
        i64::try_from(not_after.as_secs())
            .ok()
            .map(|seconds| Timestamp::from_micros(seconds.saturating_mul(1_000_000)))
    }

    fn checks(&self) -> Vec<HealthCheck> {
        Vec::new()
    }
}
