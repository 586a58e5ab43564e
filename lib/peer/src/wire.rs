//! What both sides agree on: limits, header values, the form of a refusal.

use std::time::Duration;

use bytes::Bytes;
use hm_ports::Refusal;
use http_body_util::{Either, Full};
use hyper::StatusCode;
use serde::{Deserialize, Serialize};

use crate::frames::FrameBody;

/// The longest body of a call, and of its answer.
pub const MAX_CALL_BODY: usize = 16 * 1024 * 1024;
/// The longest message on a link.
pub const MAX_MESSAGE: usize = 8 * 1024 * 1024;
/// Links that one connection carries at a time. Each may hold back [`STREAM_WINDOW`] unread, and calls need the rest.
pub const MAX_LINKS: usize = 8;

/// What may be under way unread on one stream and on one connection: nothing is set aside for it, but all of it may have to
/// be held. The second is twice what [`MAX_LINKS`] stalled links can take, so that calls always get through.
pub(crate) const STREAM_WINDOW: u32 = 128 * 1024;
pub(crate) const CONNECTION_WINDOW: u32 = 2 * 1024 * 1024;
/// What is taken from a body before the other side makes room.
pub(crate) const SEND_BUFFER: usize = 128 * 1024;
/// Calls and links under way on one connection; further calls wait at the caller.
pub(crate) const MAX_STREAMS: u32 = 1024;
/// Messages that wait in each of a link's two queues.
pub(crate) const LINK_QUEUE: usize = 16;

/// How long the greeting of a link may take.
pub(crate) const HELLO_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) const CALL_TYPE: &str = "application/vnd.hivemind.call";
pub(crate) const LINK_TYPE: &str = "application/vnd.hivemind.link";

const MAX_REFUSAL: usize = 64 * 1024;

/// A whole body or a stream of messages, for requests and answers alike.
pub(crate) type OutBody = Either<Full<Bytes>, FrameBody>;

pub(crate) fn whole(body: Bytes) -> OutBody {
    Either::Left(Full::new(body))
}

#[derive(Deserialize, Serialize)]
struct WireRefusal {
    code: String,
    message: String,
}

pub(crate) fn encode_refusal(refusal: Refusal) -> Bytes {
    let mut bytes = Vec::new();
    let wire = WireRefusal {
        code: refusal.code,
        message: refusal.message,
    };
    match ciborium::into_writer(&wire, &mut bytes) {
        Ok(()) => bytes.into(),
        Err(error) => unreachable!("two strings can be written to memory: {error}"),
    }
}

/// The refusal in an answer that is not 200; another program's answer is named by its status.
pub(crate) fn decode_refusal(status: StatusCode, body: &[u8]) -> Refusal {
    let readable = body.get(..body.len().min(MAX_REFUSAL)).unwrap_or_default();
    match ciborium::from_reader::<WireRefusal, _>(readable) {
        Ok(wire) => Refusal {
            code: wire.code,
            message: wire.message,
        },
        Err(_) => Refusal::new(
            "unreadable",
            format!("it answered {status} without a readable reason"),
        ),
    }
}

pub(crate) fn too_large(what: &str, size: u64) -> Refusal {
    Refusal::new(
        "too_large",
        format!("{what} has {size} bytes; at most {MAX_CALL_BODY} are allowed"),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_safe_to_read_as_a_refusal(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let refusal = decode_refusal(StatusCode::BAD_GATEWAY, &bytes);
            prop_assert!(!refusal.code.is_empty() || !bytes.is_empty());
        }

        #[test]
        fn refusals_come_back_whole(code in "[a-z_]{1,20}", message in ".{0,80}") {
            let refusal = Refusal { code, message };
            prop_assert_eq!(decode_refusal(StatusCode::CONFLICT, &encode_refusal(refusal.clone())), refusal);
        }
    }
}
