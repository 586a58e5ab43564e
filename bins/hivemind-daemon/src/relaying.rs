//! What other nodes ask of this one: the node answers, except requests to the REST API, which its door answers.

use std::sync::Arc;

use bytes::Bytes;
use hm_model::NodeId;
use hm_node::Node;
use hm_ports::{BoxFuture, Handler, Link, Refusal};
use hm_server::http::{Door, RELAY};

pub(crate) struct Relaying {
    pub(crate) node: Arc<Node>,
    pub(crate) door: Arc<Door>,
}

impl Relaying {
    /// A node that was removed still has a certificate until it expires: the state says who belongs to the cluster.
    fn is_member(&self, from: NodeId) -> bool {
        self.node
            .core()
            .is_some_and(|core| core.store().state().nodes().contains(&from))
    }
}

impl Handler for Relaying {
    fn call(&self, from: NodeId, method: String, body: Bytes) -> BoxFuture<Result<Bytes, Refusal>> {
        self.node.handler().call(from, method, body)
    }

    fn link(
        &self,
        from: NodeId,
        method: String,
        hello: Bytes,
        link: Link,
    ) -> BoxFuture<Result<(), Refusal>> {
        if method != RELAY {
            return self.node.handler().link(from, method, hello, link);
        }
        if !self.is_member(from) {
            let refusal = Refusal::new(
                "unknown_node",
                format!("node {from} is not part of this cluster"),
            );
            return Box::pin(std::future::ready(Err(refusal)));
        }
        let door = self.door.clone();
        Box::pin(async move { door.answer_relayed(from, &hello, link).await })
    }
}
