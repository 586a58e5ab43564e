//! Accepting connections on the one port: nodes here, everyone else to the REST API.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hm_model::NodeId;
use hm_tls::{ALPN_NODE, Credentials, PeerRejected, peer_node};
use rustls::server::Acceptor as HelloReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::{debug, warn};

use crate::dial::describe;
use crate::socket;

pub type ServerStream = TlsStream<TcpStream>;

/// A connection whose handshake is over.
#[derive(Debug)]
pub enum Accepted {
    /// A node of the cluster, proven; for [`crate::serve_connection`].
    Node {
        id: NodeId,
        from: SocketAddr,
        stream: Box<ServerStream>,
    },
    /// Anyone else, unproven.
    Api {
        from: SocketAddr,
        stream: Box<ServerStream>,
    },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AcceptLimits {
    /// Handshakes at a time; further connections wait in the kernel's queue.
    pub handshakes: usize,
    /// For TCP accepted to TLS agreed.
    pub handshake_timeout: Duration,
}

impl Default for AcceptLimits {
    fn default() -> Self {
        Self {
            handshakes: 256,
            handshake_timeout: Duration::from_secs(5),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    #[error("{from} did not finish its TLS handshake within {limit:?}")]
    Timeout { from: SocketAddr, limit: Duration },
    #[error("the TLS handshake with {from} failed: {reason}")]
    Handshake { from: SocketAddr, reason: String },
    #[error("the node at {from} cannot be told from its certificate")]
    Nobody {
        from: SocketAddr,
        #[source]
        source: PeerRejected,
    },
}

/// Brings incoming connections through TLS.
#[derive(Clone, Debug)]
pub struct Acceptor {
    credentials: Arc<Credentials>,
    limits: AcceptLimits,
    slots: Arc<Semaphore>,
}

impl Acceptor {
    pub fn new(credentials: Arc<Credentials>, limits: AcceptLimits) -> Self {
        Self {
            credentials,
            limits,
            slots: Arc::new(Semaphore::new(limits.handshakes)),
        }
    }

    /// Accepts for as long as it is polled, and hands over each connection once it is through.
    pub async fn run(
        &self,
        listener: TcpListener,
        take: impl Fn(Accepted) + Clone + Send + 'static,
    ) {
        loop {
            let Ok(slot) = self.slots.clone().acquire_owned().await else {
                return;
            };
            let (stream, from) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of descriptors, mostly: it passes when others close theirs.
                    warn!(%error, "cannot accept connections at the moment");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let (acceptor, take) = (self.clone(), take.clone());
            tokio::spawn(async move {
                let accepted = acceptor.handshake(stream, from).await;
                drop(slot);
                match accepted {
                    Ok(accepted) => take(accepted),
                    Err(error) => debug!(
                        error = &error as &dyn std::error::Error,
                        "a connection was not accepted"
                    ),
                }
            });
        }
    }

    /// TLS on one accepted connection.
    pub async fn handshake(
        &self,
        stream: TcpStream,
        from: SocketAddr,
    ) -> Result<Accepted, AcceptError> {
        let limit = self.limits.handshake_timeout;
        let stream = timeout(limit, self.negotiate(stream))
            .await
            .map_err(|_| AcceptError::Timeout { from, limit })?
            .map_err(|error| AcceptError::Handshake {
                from,
                reason: describe(&error),
            })?;
        let stream = Box::new(stream);
        let tls = stream.get_ref().1;
        if tls.alpn_protocol() == Some(ALPN_NODE) {
            let id = peer_node(tls.peer_certificates())
                .map_err(|source| AcceptError::Nobody { from, source })?;
            return Ok(Accepted::Node { id, from, stream });
        }
        Ok(Accepted::Api { from, stream })
    }

    async fn negotiate(&self, stream: TcpStream) -> io::Result<ServerStream> {
        socket::tune(&stream)?;
        let start = LazyConfigAcceptor::new(HelloReader::default(), stream).await?;
        let config = self.credentials.server_config(&start.client_hello());
        start.into_stream(config).await
    }
}
