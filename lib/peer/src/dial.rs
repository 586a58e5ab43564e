//! Opening a connection to a peer: TCP, TLS with the expected node id, HTTP/2.

use std::error::Error as StdError;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hm_model::NodeId;
use hm_ports::Peer;
use hm_tls::{ALPN_NODE, Credentials};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::AsyncBufReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tracing::debug;

use crate::connection::{Connection, Heard, Silence};
use crate::socket;
use crate::transport::PeerTimeouts;
use crate::wire::{CONNECTION_WINDOW, OutBody, SEND_BUFFER, STREAM_WINDOW};

/// Why one address did not lead to the peer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    #[error("no connection within {0:?}")]
    ConnectTimeout(Duration),
    #[error("{}", describe_io(.0))]
    Connect(io::Error),
    #[error("connected, but no TLS handshake within {0:?}")]
    HandshakeTimeout(Duration),
    #[error("{}", describe_io(.0))]
    Handshake(io::Error),
    #[error("it speaks no node protocol: not a node, or of another version")]
    NotANode,
    #[error("it closed the connection after the TLS handshake")]
    Closed,
    #[error("no HTTP/2: {}", describe(.0))]
    Http(hyper::Error),
}

/// Tries the addresses in order; the reasons of all of them when none works.
pub(crate) async fn dial(
    credentials: &Credentials,
    peer: &Peer,
    timeouts: PeerTimeouts,
) -> Result<Connection, String> {
    let mut reasons = Vec::new();
    for address in &peer.addresses {
        match dial_one(credentials, peer.id, *address, timeouts).await {
            Ok(connection) => {
                debug!(node = %peer.id, %address, "connected to a peer");
                return Ok(connection);
            }
            Err(reason) => reasons.push(format!("{address}: {reason}")),
        }
    }
    if reasons.is_empty() {
        return Err("no address of it is known".to_owned());
    }
    Err(reasons.join("; "))
}

async fn dial_one(
    credentials: &Credentials,
    node: NodeId,
    address: SocketAddr,
    timeouts: PeerTimeouts,
) -> Result<Connection, DialError> {
    let tcp = timeout(timeouts.connect, TcpStream::connect(address))
        .await
        .map_err(|_| DialError::ConnectTimeout(timeouts.connect))?
        .map_err(DialError::Connect)?;
    socket::tune(&tcp).map_err(DialError::Connect)?;
    let tls = timeout(timeouts.handshake, agree(credentials, node, tcp))
        .await
        .map_err(|_| DialError::HandshakeTimeout(timeouts.handshake))??;
    open(tls, node, timeouts).await.map_err(DialError::Http)
}

async fn agree(
    credentials: &Credentials,
    node: NodeId,
    tcp: TcpStream,
) -> Result<TlsStream<TcpStream>, DialError> {
    let connector = TlsConnector::from(credentials.node_client_config());
    let connecting = connector.connect(Credentials::server_name(node), tcp);
    let mut tls = connecting.await.map_err(DialError::Handshake)?;
    if tls.get_ref().1.alpn_protocol() != Some(ALPN_NODE) {
        return Err(DialError::NotANode);
    }
    // The other side judges our certificate when we think that the handshake is over. Its first words tell the outcome.
    if tls
        .fill_buf()
        .await
        .map_err(DialError::Handshake)?
        .is_empty()
    {
        return Err(DialError::Closed);
    }
    Ok(tls)
}

async fn open(
    tls: TlsStream<TcpStream>,
    node: NodeId,
    timeouts: PeerTimeouts,
) -> Result<Connection, hyper::Error> {
    let silence = Arc::new(Silence::new());
    let io = TokioIo::new(Heard::new(tls, silence.clone()));
    let (requests, connection) = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        // Only while something is open on it: an idle connection is silent.
        .keep_alive_interval(timeouts.ping_after)
        .keep_alive_timeout(timeouts.ping_answer)
        .keep_alive_while_idle(false)
        .handshake::<_, OutBody>(io)
        .await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            debug!(%node, error = describe(&error), "a connection to a peer ended");
        }
    });
    Ok(Connection::new(requests, silence))
}

/// An error with its sources in one line; what TLS says is put into words.
pub(crate) fn describe(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        // An I/O error prints what it wraps, but does not count it among its sources.
        if let Some(io) = error.downcast_ref::<io::Error>() {
            let words = describe_io(io);
            return if text.is_empty() {
                words
            } else {
                format!("{text}: {words}")
            };
        }
        let words = error.to_string();
        if !text.contains(&words) {
            text = if text.is_empty() {
                words
            } else {
                format!("{text}: {words}")
            };
        }
        next = error.source();
    }
    text
}

fn describe_io(error: &io::Error) -> String {
    let tls = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        Some(tls) => hm_tls::explain(tls),
        None => error.to_string(),
    }
}
