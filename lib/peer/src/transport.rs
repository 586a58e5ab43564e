//! The calling side: calls and links to peers over pooled connections.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use hm_model::NodeId;
use hm_ports::{BoxFuture, CallError, Link, Method, Peer, Refusal, Transport};
use hm_tls::{Credentials, node_dns_name};
use http_body_util::{BodyExt, Either, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Request, Response, StatusCode};
use tokio::sync::{mpsc, oneshot};

use crate::connection::Connection;
use crate::dial::describe;
use crate::frames::FrameBody;
use crate::link::{FrameReader, receive};
use crate::pool::Pool;
use crate::wire::{
    CALL_TYPE, LINK_QUEUE, LINK_TYPE, MAX_CALL_BODY, MAX_MESSAGE, OutBody, decode_refusal,
    too_large, whole,
};

/// The real [`Transport`]. Clones share their connections.
#[derive(Clone, Debug)]
pub struct PeerTransport {
    pool: Arc<Pool>,
}

/// How long the steps of reaching a peer may take. Callers bound a call as a whole themselves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PeerTimeouts {
    /// For TCP, per address.
    pub connect: Duration,
    /// For TLS, per address.
    pub handshake: Duration,
    /// Silence before a peer is asked, while a call or a link is open.
    pub ping_after: Duration,
    /// The answer to that; then the connection is given up and its links end.
    pub ping_answer: Duration,
}

impl Default for PeerTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(1),
            handshake: Duration::from_secs(2),
            ping_after: Duration::from_secs(2),
            ping_answer: Duration::from_secs(2),
        }
    }
}

impl PeerTransport {
    pub fn new(credentials: Arc<Credentials>) -> Self {
        Self::with_timeouts(credentials, PeerTimeouts::default())
    }

    pub fn with_timeouts(credentials: Arc<Credentials>, timeouts: PeerTimeouts) -> Self {
        Self {
            pool: Pool::new(credentials, timeouts),
        }
    }

    /// The next call dials anew; calls and links under way end by themselves. For peers that left or whose trust changed.
    pub fn forget(&self, node: NodeId) {
        self.pool.forget(node);
    }
}

#[cfg(test)]
impl PeerTransport {
    pub(crate) async fn connection(&self, to: &Peer) -> Arc<Connection> {
        self.pool.get(to).await.expect("the peer can be reached")
    }
}

impl Transport for PeerTransport {
    fn call(&self, to: Peer, method: Method, body: Bytes) -> BoxFuture<Result<Bytes, CallError>> {
        call(self.pool.clone(), to, method, body).boxed()
    }

    fn link(&self, to: Peer, method: Method, hello: Bytes) -> BoxFuture<Result<Link, CallError>> {
        link(self.pool.clone(), to, method, hello).boxed()
    }
}

async fn call(pool: Arc<Pool>, to: Peer, method: Method, body: Bytes) -> Result<Bytes, CallError> {
    let node = to.id;
    if body.len() > MAX_CALL_BODY {
        let size = u64::try_from(body.len()).unwrap_or(u64::MAX);
        return Err(CallError::Refused {
            node,
            refusal: too_large("the request", size),
        });
    }
    let request = request(node, method, CALL_TYPE, whole(body))?;
    let (mut waiting, response) = send(&pool, &to, request).await?;
    let status = response.status();
    let body = Limited::new(response.into_body(), MAX_CALL_BODY)
        .collect()
        .await;
    waiting.answered = true;
    match body {
        Ok(body) if status == StatusCode::OK => Ok(body.to_bytes()),
        Ok(body) => Err(CallError::Refused {
            node,
            refusal: decode_refusal(status, &body.to_bytes()),
        }),
        Err(error) => {
            waiting.retire();
            Err(unreachable(node, describe(error.as_ref())))
        }
    }
}

async fn link(pool: Arc<Pool>, to: Peer, method: Method, hello: Bytes) -> Result<Link, CallError> {
    let node = to.id;
    if hello.len() > MAX_MESSAGE {
        let size = u64::try_from(hello.len()).unwrap_or(u64::MAX);
        return Err(CallError::Refused {
            node,
            refusal: too_large("the greeting", size),
        });
    }
    let (outgoing, queue) = mpsc::channel(LINK_QUEUE);
    let (open, sending_over) = oneshot::channel();
    let body = FrameBody::new(queue, open).starting_with(Some(hello));
    let request = request(node, method, LINK_TYPE, Either::Right(body))?;
    let (mut waiting, response) = send(&pool, &to, request).await?;
    let status = response.status();
    if status != StatusCode::OK {
        let body = Limited::new(response.into_body(), MAX_CALL_BODY)
            .collect()
            .await;
        let body = body.map_err(|error| unreachable(node, describe(error.as_ref())))?;
        waiting.answered = true;
        return Err(CallError::Refused {
            node,
            refusal: decode_refusal(status, &body.to_bytes()),
        });
    }
    waiting.answered = true;
    let (to_incoming, incoming) = mpsc::channel(LINK_QUEUE);
    tokio::spawn(receive(
        FrameReader::new(response.into_body()),
        to_incoming,
        sending_over,
    ));
    Ok(Link { outgoing, incoming })
}

fn request(
    node: NodeId,
    method: Method,
    content: &'static str,
    body: OutBody,
) -> Result<Request<OutBody>, CallError> {
    Request::post(format!("https://{}/{method}", node_dns_name(node)))
        .header(CONTENT_TYPE, HeaderValue::from_static(content))
        .body(body)
        .map_err(|error| CallError::Refused {
            node,
            refusal: Refusal::new(
                "bad_method",
                format!("`{method}` cannot be called: {error}"),
            ),
        })
}

/// Sends on the pooled connection; once more on a new one when the first turns out to be dead before anything was sent.
async fn send(
    pool: &Arc<Pool>,
    to: &Peer,
    mut request: Request<OutBody>,
) -> Result<(Waiting, Response<Incoming>), CallError> {
    let mut second = false;
    loop {
        let connection = pool
            .get(to)
            .await
            .map_err(|reason| unreachable(to.id, reason.to_string()))?;
        let mut waiting = Waiting {
            pool: pool.clone(),
            node: to.id,
            connection,
            answered: false,
        };
        waiting.connection.expects_answer();
        let mut requests = waiting.connection.requests.clone();
        let mut failed = match requests.try_send_request(request).await {
            Ok(response) => return Ok((waiting, response)),
            Err(failed) => failed,
        };
        waiting.retire();
        waiting.answered = true;
        match failed.take_message() {
            Some(unsent) if !second => {
                request = unsent;
                second = true;
            }
            Some(_) | None => return Err(unreachable(to.id, describe(failed.error()))),
        }
    }
}

fn unreachable(node: NodeId, reason: String) -> CallError {
    CallError::Unreachable { node, reason }
}

/// A call under way. Dropped without an answer, it looks whether its connection is still good for others.
struct Waiting {
    pool: Arc<Pool>,
    node: NodeId,
    connection: Arc<Connection>,
    answered: bool,
}

impl Waiting {
    fn retire(&self) {
        self.pool.retire(self.node, &self.connection);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.answered && self.connection.is_suspicious() {
            self.retire();
        }
    }
}
