//! Connections: HTTP/1.1 on an accepted stream, until the caller goes or the door closes.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use super::Door;
use super::identity::Entrance;

/// A caller that does not get its headers across in this time is cut off; so is a connection that is idle for as long.
const HEADERS_WITHIN: Duration = Duration::from_secs(60);
/// The longest head of a request, and what is buffered of a response.
const BUFFER: usize = 32 * 1024;
/// After the door has closed, what is running may finish for so long.
const FINISH_WITHIN: Duration = Duration::from_secs(5);

impl Door {
    /// Serves one accepted stream; comes back when it is over.
    pub async fn serve<S>(self: Arc<Self>, stream: S, entrance: Entrance)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let closed = self.closed();
        let service = service_fn(|request: hyper::Request<Incoming>| {
            let (door, entrance) = (self.clone(), entrance.clone());
            async move { Ok::<_, Infallible>(door.answer(&entrance, request.map(Body::new)).await) }
        });
        let mut connection = pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADERS_WITHIN)
                .max_buf_size(BUFFER)
                .serve_connection(TokioIo::new(stream), service)
        );
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            () = closed => None,
        };
        let ended = match ended {
            Some(ended) => Some(ended),
            None => {
                connection.as_mut().graceful_shutdown();
                tokio::time::timeout(FINISH_WITHIN, connection).await.ok()
            }
        };
        if let Some(Err(error)) = ended {
            // Callers that hang up are everyday; nobody else needs to know.
            tracing::debug!(%entrance, %error, "a connection ended early");
        }
    }
}
