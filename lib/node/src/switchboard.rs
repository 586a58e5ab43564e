//! Connects calls and links: from other nodes to this one's server, from this node to others, and from it to itself.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use hm_model::NodeId;
use hm_ports::{BoxFuture, CallError, Handler, Link, Method, Peer, Refusal, Transport, task};
use tokio::sync::{mpsc, watch};

use crate::role::Serving;

/// Messages that wait in each direction of a link within the node.
const QUEUE: usize = 64;

pub(crate) struct Switchboard {
    me: NodeId,
    outside: Arc<dyn Transport>,
    serving: watch::Receiver<Option<Serving>>,
}

impl Switchboard {
    pub(crate) fn new(
        me: NodeId,
        outside: Arc<dyn Transport>,
        serving: watch::Receiver<Option<Serving>>,
    ) -> Self {
        Self {
            me,
            outside,
            serving,
        }
    }

    fn serving(&self) -> Result<Serving, Refusal> {
        self.serving.borrow().clone().ok_or_else(|| {
            Refusal::new("not_a_server", format!("node {} is not a server", self.me))
        })
    }
}

impl Handler for Switchboard {
    fn call(&self, from: NodeId, method: String, body: Bytes) -> BoxFuture<Result<Bytes, Refusal>> {
        let serving = self.serving();
        async move {
            let serving = serving?;
            if method.starts_with("raft/") {
                serving.raft.serve(from, &method, body).await
            } else {
                serving.core.answer(from, &method, &body).await
            }
        }
        .boxed()
    }

    fn link(
        &self,
        from: NodeId,
        method: String,
        hello: Bytes,
        link: Link,
    ) -> BoxFuture<Result<(), Refusal>> {
        let serving = self.serving();
        async move {
            let mut gone = serving
                .as_ref()
                .map(|serving| serving.raft.status())
                .map_err(Clone::clone)?;
            let core = serving?.core;
            tokio::select! {
                biased;
                // A server that stops lets its agents go, so that they look for another one.
                _ = gone.wait_for(|status| status.running != hm_raft::Running::Yes) => Ok(()),
                taken = core.take_link(from, &method, &hello, link) => taken,
            }
        }
        .boxed()
    }
}

impl Transport for Switchboard {
    fn call(&self, to: Peer, method: Method, body: Bytes) -> BoxFuture<Result<Bytes, CallError>> {
        if to.id != self.me {
            return self.outside.call(to, method, body);
        }
        let answer = Handler::call(self, self.me, method.to_owned(), body);
        answer
            .map(move |answer| {
                answer.map_err(|refusal| CallError::Refused {
                    node: to.id,
                    refusal,
                })
            })
            .boxed()
    }

    fn link(&self, to: Peer, method: Method, hello: Bytes) -> BoxFuture<Result<Link, CallError>> {
        if to.id != self.me {
            return self.outside.link(to, method, hello);
        }
        if let Err(refusal) = self.serving() {
            return std::future::ready(Err(CallError::Refused {
                node: to.id,
                refusal,
            }))
            .boxed();
        }
        let (here_out, there_in) = mpsc::channel(QUEUE);
        let (there_out, here_in) = mpsc::channel(QUEUE);
        let there = Link {
            outgoing: there_out,
            incoming: there_in,
        };
        let taken = Handler::link(self, self.me, method.to_owned(), hello, there);
        task::spawn(taken.map(|taken| {
            if let Err(refusal) = taken {
                tracing::warn!(%refusal, "this node's own server refused a link");
            }
        }));
        std::future::ready(Ok(Link {
            outgoing: here_out,
            incoming: here_in,
        }))
        .boxed()
    }
}
