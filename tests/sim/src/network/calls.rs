//! Calls and the opening of links, as a node's transport.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use hm_model::NodeId;
use hm_ports::task::Scope;
use hm_ports::{BoxFuture, CallError, Link, Method, Peer, Refusal, Transport};
use tokio::time::sleep;

use super::links::DEATH_SHOWS_AFTER;
use super::{CUT_CHECK, Network};

pub(super) struct Caller {
    pub(super) network: Network,
    pub(super) node: NodeId,
    pub(super) scope: Arc<Scope>,
}

impl Transport for Caller {
    fn call(&self, to: Peer, method: Method, body: Bytes) -> BoxFuture<Result<Bytes, CallError>> {
        let (network, from) = (self.network.clone(), self.node);
        async move {
            network.cross(from, to.id, body.len()).await;
            let doubled = network.0.chance.per_mille(network.weather().doubled);
            if doubled {
                drop(network.run(from, to.id, method, body.clone()));
            }
            let Some(answer) = network.run(from, to.id, method, body) else {
                return Err(network.no_listener(to.id).await);
            };
            let Some(answer) = network.outlives(to.id, answer).await else {
                return Err(network.no_listener(to.id).await);
            };
            let size = answer.as_ref().map_or(0, Bytes::len);
            network.cross(to.id, from, size).await;
            answer.map_err(|refusal| CallError::Refused {
                node: to.id,
                refusal,
            })
        }
        .boxed()
    }

    fn link(&self, to: Peer, method: Method, hello: Bytes) -> BoxFuture<Result<Link, CallError>> {
        let (network, from, scope) = (self.network.clone(), self.node, self.scope.clone());
        async move {
            network.cross(from, to.id, hello.len()).await;
            let Some(listener) = network.listener(to.id) else {
                return Err(network.no_listener(to.id).await);
            };
            let Some(handler) = listener.handler.clone() else {
                return Err(unreachable(to.id));
            };
            let (here, there) = network.connect(from, &scope, to.id, &listener.scope);
            let taken = handler.link(from, method.to_owned(), hello, there);
            tokio::spawn(listener.scope.enter(async move {
                let _ = taken.await;
            }));
            network.cross(to.id, from, 0).await;
            Ok(here)
        }
        .boxed()
    }
}

fn unreachable(node: NodeId) -> CallError {
    CallError::Unreachable {
        node,
        reason: "connection refused".to_owned(),
    }
}

type Answered = tokio::sync::oneshot::Receiver<Result<Bytes, Refusal>>;

impl Network {
    /// Runs a call in the scope of the called node.
    fn run(&self, from: NodeId, to: NodeId, method: Method, body: Bytes) -> Option<Answered> {
        let listener = self.listener(to)?;
        let answering = listener.handler?.call(from, method.to_owned(), body);
        let (answer, answered) = tokio::sync::oneshot::channel();
        tokio::spawn(listener.scope.enter(async move {
            let _ = answer.send(answering.await);
        }));
        Some(answered)
    }

    /// The answer, unless the node dies over it. Whoever waits bounds the time.
    async fn outlives(&self, to: NodeId, mut answered: Answered) -> Option<Result<Bytes, Refusal>> {
        loop {
            match tokio::time::timeout(DEATH_SHOWS_AFTER, &mut answered).await {
                Ok(answer) => return answer.ok(),
                Err(_) if self.listener(to).is_none() => return None,
                Err(_) => {}
            }
        }
    }

    /// A machine without power never answers; one without a daemon does at once.
    async fn no_listener(&self, to: NodeId) -> CallError {
        while self.is_silent(to) {
            sleep(CUT_CHECK).await;
        }
        unreachable(to)
    }
}
