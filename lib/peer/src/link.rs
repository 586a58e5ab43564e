//! The receiving half of a link: from the body of a request or an answer into the queue of its owner.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::{mpsc, oneshot};
use tracing::debug;

use crate::frames::{FrameDecoder, FrameError};

/// Messages out of a body.
#[derive(Debug)]
pub(crate) struct FrameReader {
    body: Incoming,
    decoder: FrameDecoder,
}

impl FrameReader {
    pub(crate) fn new(body: Incoming) -> Self {
        Self {
            body,
            decoder: FrameDecoder::default(),
        }
    }

    /// The next message; `None` at the orderly end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, FrameError> {
        loop {
            if let Some(message) = self.decoder.next()? {
                return Ok(Some(message));
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(chunk) = frame.into_data() {
                        self.decoder.push(chunk);
                    }
                }
                Some(Err(error)) => return Err(FrameError::Connection(error)),
                None if self.decoder.is_between_messages() => return Ok(None),
                None => return Err(FrameError::CutOff),
            }
        }
    }
}

/// Fills the queue until the other side ends, or until this side has let go of both halves. A full queue stops the reading,
/// and with it, through the stream's window, the sender. Messages that nobody listens for any more are dropped.
pub(crate) async fn receive(
    mut reader: FrameReader,
    queue: mpsc::Sender<Bytes>,
    sending_over: oneshot::Receiver<Infallible>,
) {
    let let_go = async {
        queue.closed().await;
        // It never carries a value: it only ends.
        let _ended = sending_over.await;
    };
    let read = async {
        loop {
            match reader.next().await {
                // Refused only when the receiver is gone, and then the message has no use.
                Ok(Some(message)) => drop(queue.send(message).await),
                Ok(None) => break,
                Err(error) => {
                    debug!(error = &error as &dyn std::error::Error, "a link broke");
                    break;
                }
            }
        }
    };
    tokio::select! {
        () = let_go => (),
        () = read => (),
    }
}
