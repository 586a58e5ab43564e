//! The called side of one connection: requests to the node's [`Handler`].

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hm_model::NodeId;
use hm_ports::{Handler, Link, Refusal};
use http_body_util::{BodyExt, Either, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::timeout;
use tracing::debug;

use crate::frames::FrameBody;
use crate::link::{FrameReader, receive};
use crate::wire::{
    CONNECTION_WINDOW, HELLO_TIMEOUT, LINK_QUEUE, LINK_TYPE, MAX_CALL_BODY, MAX_LINKS, MAX_STREAMS,
    OutBody, SEND_BUFFER, STREAM_WINDOW, encode_refusal, too_large, whole,
};

/// A handler that neither sends nor returns within this has accepted its link. One that refuses does so sooner, or the caller
/// sees a link that ends instead of the refusal.
const REFUSE_WITHIN: Duration = Duration::from_millis(100);

#[derive(Debug, thiserror::Error)]
#[error("the connection from node {peer} failed")]
pub struct ServeError {
    peer: NodeId,
    #[source]
    source: hyper::Error,
}

/// Serves a connection of `peer` until it ends. Dropping the future closes it: its calls are abandoned, its links end.
pub async fn serve_connection<S>(
    stream: S,
    peer: NodeId,
    handler: Arc<dyn Handler>,
) -> Result<(), ServeError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let links = Arc::new(Semaphore::new(MAX_LINKS));
    let service = service_fn(move |request| {
        let (handler, links) = (handler.clone(), links.clone());
        async move {
            let served = serve(request, peer, handler, links).await;
            Ok::<_, Infallible>(
                served
                    .unwrap_or_else(|refused| answer(refused.0, whole(encode_refusal(refused.1)))),
            )
        }
    });
    http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .max_concurrent_streams(MAX_STREAMS)
        // Peers are authenticated, and one that gives up many calls at once is not an attacker.
        .max_pending_accept_reset_streams(usize::try_from(MAX_STREAMS).unwrap_or(usize::MAX))
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service)
        .await
        .map_err(|source| ServeError { peer, source })
}

type Refused = (StatusCode, Refusal);

async fn serve(
    request: Request<Incoming>,
    peer: NodeId,
    handler: Arc<dyn Handler>,
    links: Arc<Semaphore>,
) -> Result<Response<OutBody>, Refused> {
    if request.method() != Method::POST {
        let refusal = Refusal::new("bad_request", "nodes call each other with POST");
        return Err((StatusCode::METHOD_NOT_ALLOWED, refusal));
    }
    let method = request.uri().path().trim_start_matches('/').to_owned();
    let is_link = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind == LINK_TYPE);
    if !is_link {
        return serve_call(request.into_body(), peer, method, handler).await;
    }
    let permit = links.try_acquire_owned().map_err(|_| {
        let message = format!("{MAX_LINKS} links are open on this connection, no more are allowed");
        (
            StatusCode::TOO_MANY_REQUESTS,
            Refusal::new("too_many_links", message),
        )
    })?;
    serve_link(request.into_body(), peer, method, handler, permit).await
}

async fn serve_call(
    body: Incoming,
    peer: NodeId,
    method: String,
    handler: Arc<dyn Handler>,
) -> Result<Response<OutBody>, Refused> {
    let refuse_size = |size| {
        (
            StatusCode::PAYLOAD_TOO_LARGE,
            too_large("the request", size),
        )
    };
    let announced = body.size_hint().lower();
    if usize::try_from(announced).is_ok_and(|size| size > MAX_CALL_BODY) {
        return Err(refuse_size(announced));
    }
    let body = Limited::new(body, MAX_CALL_BODY)
        .collect()
        .await
        .map_err(|error| {
            if error.is::<LengthLimitError>() {
                refuse_size(announced)
            } else {
                // Nobody will read it: the caller is gone.
                (
                    StatusCode::BAD_REQUEST,
                    Refusal::new("bad_request", "the request broke off"),
                )
            }
        })?;
    let reply = handler
        .call(peer, method, body.to_bytes())
        .await
        .map_err(|refusal| (StatusCode::CONFLICT, refusal))?;
    if reply.len() > MAX_CALL_BODY {
        let size = u64::try_from(reply.len()).unwrap_or(u64::MAX);
        return Err((
            StatusCode::INTERNAL_SERVER_ERROR,
            too_large("the answer", size),
        ));
    }
    Ok(answer(StatusCode::OK, whole(reply)))
}

async fn serve_link(
    body: Incoming,
    peer: NodeId,
    method: String,
    handler: Arc<dyn Handler>,
    permit: OwnedSemaphorePermit,
) -> Result<Response<OutBody>, Refused> {
    let mut reader = FrameReader::new(body);
    let hello = match timeout(HELLO_TIMEOUT, reader.next()).await {
        Ok(Ok(Some(hello))) => hello,
        Ok(Ok(None) | Err(_)) | Err(_) => {
            let refusal = Refusal::new("bad_request", "a link begins with a greeting");
            return Err((StatusCode::BAD_REQUEST, refusal));
        }
    };
    let (outgoing, mut queue) = mpsc::channel(LINK_QUEUE);
    let (to_incoming, incoming) = mpsc::channel(LINK_QUEUE);
    let (end_sending, stop) = oneshot::channel();
    let (tell, mut outcome) = oneshot::channel();
    let (open, sending_over) = oneshot::channel();
    let handling = handler.link(peer, method.clone(), hello, Link { outgoing, incoming });
    let receiving = receive(reader, to_incoming, sending_over);
    tokio::spawn(async move {
        let result = run(handling, receiving).await;
        if let Err(refusal) = &result {
            debug!(%peer, method, code = refusal.code, "a link was refused");
        }
        // Gone already when the link was accepted long ago.
        let _accepted = tell.send(result);
        drop::<oneshot::Sender<Infallible>>(end_sending);
        drop(permit);
    });
    let first = tokio::select! {
        biased;
        outcome = &mut outcome => match outcome {
            Ok(Ok(())) => None,
            Ok(Err(refusal)) => return Err((StatusCode::CONFLICT, refusal)),
            Err(_) => {
                let refusal = Refusal::new("internal", "the handler of the link failed");
                return Err((StatusCode::INTERNAL_SERVER_ERROR, refusal));
            }
        },
        first = queue.recv() => first,
        () = tokio::time::sleep(REFUSE_WITHIN) => None,
    };
    let body = FrameBody::new(queue, open).starting_with(first).until(stop);
    Ok(answer(StatusCode::OK, Either::Right(body)))
}

/// The handler to its end; receiving goes on beside it, and not longer.
async fn run(
    handling: impl Future<Output = Result<(), Refusal>>,
    receiving: impl Future<Output = ()>,
) -> Result<(), Refusal> {
    let mut handling = pin!(handling);
    let mut receiving = pin!(receiving);
    tokio::select! {
        result = &mut handling => return result,
        () = &mut receiving => (),
    }
    handling.await
}

fn answer(status: StatusCode, body: OutBody) -> Response<OutBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}
