//! The wire between a node that hands a request on and the server that answers it: a link of frames, so that streams pass too.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use hm_model::{NodeId, RequestId};
use hm_ports::{Link, Peer, Refusal, Transport};
use hm_protocol::{decode, encode};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::Door;
use super::forward::{ForwardError, Forwarded};
use super::identity::Identity;

/// The method of the link.
pub const RELAY: &str = "api/request";
/// A server that does not even begin to answer in this time is taken for gone, and the next one is asked.
const BEGIN_WITHIN: std::time::Duration = std::time::Duration::from_secs(35);
const CONNECT_WITHIN: std::time::Duration = std::time::Duration::from_secs(2);

#[derive(Deserialize, Serialize)]
struct Hello {
    request: RequestId,
    identity: Identity,
    method: String,
    path: String,
    query: String,
    #[serde(with = "raw")]
    body: Bytes,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Frame {
    Head {
        status: u16,
        headers: Vec<(String, Vec<u8>)>,
    },
    Data(#[serde(with = "raw")] Bytes),
    /// Without it the answer was cut off.
    End,
}

/// Bytes as a CBOR byte string, not as a list of numbers.
mod raw {
    use bytes::Bytes;
    use serde::{Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(
        bytes: &Bytes,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Bytes, D::Error> {
        struct Raw;
        impl de::Visitor<'_> for Raw {
            type Value = Bytes;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes::copy_from_slice(bytes))
            }

            fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes::from(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Raw)
    }
}

/// Hands a request to the first server that takes it, and brings its answer back.
pub async fn hand_on(
    transport: Arc<dyn Transport>,
    servers: Vec<Peer>,
    forwarded: Forwarded,
) -> Result<Response, ForwardError> {
    let Forwarded {
        request,
        identity,
        method,
        path,
        query,
        body,
    } = forwarded;
    let hello = Bytes::from(encode(&Hello {
        request,
        identity,
        method,
        path,
        query,
        body,
    }));
    let mut tried = Vec::new();
    for server in servers {
        tried.push(server.id.to_string());
        let linking = transport.link(server, RELAY, hello.clone());
        let Ok(Ok(mut link)) = timeout(CONNECT_WITHIN, linking).await else {
            continue;
        };
        let begun = timeout(BEGIN_WITHIN, link.incoming.recv()).await;
        // The request's id makes it safe to ask the next server what this one may have done.
        if let Ok(Some(head)) = begun
            && let Some(response) = response(&head, link)
        {
            return Ok(response);
        }
    }
    Err(if tried.is_empty() {
        ForwardError::NoCluster
    } else {
        ForwardError::NoServer { tried }
    })
}

fn response(head: &[u8], link: Link) -> Option<Response> {
    let Ok(Frame::Head { status, headers }) = decode(head) else {
        return None;
    };
    let body = Body::from_stream(stream::unfold(Some(link), |link| async move {
        let mut link = link?;
        match link
            .incoming
            .recv()
            .await
            .map(|frame| decode::<Frame>(&frame))
        {
            Some(Ok(Frame::Data(data))) => Some((Ok(data), Some(link))),
            Some(Ok(Frame::End)) => None,
            // Ending it in order would pass half an answer off as a whole one.
            Some(Ok(Frame::Head { .. }) | Err(_)) | None => Some((Err(CutOff), None)),
        }
    }));
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).ok()?;
    *response.headers_mut() = headers
        .into_iter()
        .filter_map(|(name, value)| {
            Some((
                name.parse::<HeaderName>().ok()?,
                HeaderValue::from_bytes(&value).ok()?,
            ))
        })
        .collect::<HeaderMap>();
    Some(response)
}

#[derive(Debug, thiserror::Error)]
#[error("the server that answered is gone")]
struct CutOff;

impl Door {
    /// Answers a request that another node hands on over `link`.
    pub async fn answer_relayed(
        self: Arc<Self>,
        from: NodeId,
        hello: &[u8],
        link: Link,
    ) -> Result<(), Refusal> {
        let Hello {
            request,
            identity,
            method,
            path,
            query,
            body,
        } = decode(hello).map_err(|error| Refusal::new("unreadable", error.to_string()))?;
        let forwarded = Forwarded {
            request,
            identity,
            method,
            path,
            query,
            body,
        };
        let Link {
            outgoing,
            mut incoming,
        } = link;
        let answering = async {
            let (head, body) = self.answer_forwarded(from, forwarded).await.into_parts();
            let headers = head
                .headers
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
                .collect();
            let head = Frame::Head {
                status: head.status.as_u16(),
                headers,
            };
            let mut frames = stream::iter([head]).chain(frames(body)).boxed();
            while let Some(frame) = frames.next().await {
                if outgoing.send(Bytes::from(encode(&frame))).await.is_err() {
                    return;
                }
            }
        };
        // The other side says nothing more; when its end closes, nobody waits for the answer.
        let gone = async { while incoming.recv().await.is_some() {} };
        tokio::select! {
            biased;
            () = answering => {}
            () = gone => {}
        }
        Ok(())
    }
}

/// A body as frames; `End` follows only if it ended in order.
fn frames(body: Body) -> impl Stream<Item = Frame> + Send {
    let data = body
        .into_data_stream()
        .map(Some)
        .chain(stream::once(async { None }));
    data.scan((), |(), next| {
        let frame = match next {
            Some(Ok(data)) => Some(Frame::Data(data)),
            Some(Err(_)) => None,
            None => Some(Frame::End),
        };
        std::future::ready(frame)
    })
}
