//! Messages of a link on the wire: a length of four bytes, then the message, again and again.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use hyper::body::{Body, Frame};
use tokio::sync::{mpsc, oneshot};

use crate::wire::MAX_MESSAGE;

const PREFIX: usize = 4;
/// Messages up to this size are copied beside each other, so that many small ones leave in one piece.
const SMALL: usize = 4 * 1024;
const BATCH: usize = 16 * 1024;
/// Room made at once for a message that has been announced but not yet arrived.
const FIRST_ROOM: usize = 256 * 1024;

#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameError {
    #[error("a message of {size} bytes; at most {MAX_MESSAGE} are allowed")]
    TooLarge { size: usize },
    #[error("the link broke off within a message")]
    CutOff,
    #[error("the connection failed")]
    Connection(#[source] hyper::Error),
}

/// The sending half: a body that takes its messages from a queue.
#[derive(Debug)]
pub(crate) struct FrameBody {
    first: Option<Bytes>,
    queue: mpsc::Receiver<Bytes>,
    /// Ends the body, after what is queued, although someone still holds the queue's other end.
    stop: Option<oneshot::Receiver<Infallible>>,
    rest: Option<Bytes>,
    _open: oneshot::Sender<Infallible>,
}

impl FrameBody {
    /// `open` is held for as long as the body is, which tells the receiving half when the sending one is over.
    pub(crate) fn new(queue: mpsc::Receiver<Bytes>, open: oneshot::Sender<Infallible>) -> Self {
        Self {
            first: None,
            queue,
            stop: None,
            rest: None,
            _open: open,
        }
    }

    /// Sends this message before those in the queue.
    pub(crate) fn starting_with(mut self, message: Option<Bytes>) -> Self {
        self.first = message;
        self
    }

    /// Ends when the sender of this is dropped.
    pub(crate) fn until(mut self, stop: oneshot::Receiver<Infallible>) -> Self {
        self.stop = Some(stop);
        self
    }

    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(stop) = &mut self.stop
            && Pin::new(stop).poll(cx).is_ready()
        {
            self.stop = None;
            self.queue.close();
        }
        match self.first.take() {
            Some(message) => Poll::Ready(Some(message)),
            None => self.queue.poll_recv(cx),
        }
    }
}

impl Body for FrameBody {
    type Data = Bytes;
    type Error = FrameError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, FrameError>>> {
        let this = &mut *self;
        if let Some(rest) = this.rest.take() {
            return Poll::Ready(Some(Ok(Frame::data(rest))));
        }
        let mut batch = BytesMut::new();
        loop {
            let message = match this.poll_message(cx) {
                Poll::Ready(Some(message)) => message,
                Poll::Ready(None) if batch.is_empty() => return Poll::Ready(None),
                Poll::Pending if batch.is_empty() => return Poll::Pending,
                Poll::Ready(None) | Poll::Pending => break,
            };
            let length = match u32::try_from(message.len()) {
                Ok(length) if message.len() <= MAX_MESSAGE => length,
                Ok(_) | Err(_) => {
                    return Poll::Ready(Some(Err(FrameError::TooLarge {
                        size: message.len(),
                    })));
                }
            };
            batch.put_u32(length);
            if message.len() > SMALL {
                this.rest = Some(message);
                break;
            }
            batch.put_slice(&message);
            if batch.len() >= BATCH {
                break;
            }
        }
        Poll::Ready(Some(Ok(Frame::data(batch.freeze()))))
    }
}

/// Bytes to messages. Nothing is reserved on the word of the other side alone.
#[derive(Debug, Default)]
pub(crate) struct FrameDecoder {
    chunk: Bytes,
    prefix: BytesMut,
    wanted: Option<usize>,
    message: BytesMut,
}

impl FrameDecoder {
    /// Adds what arrived; [`FrameDecoder::next`] must have answered `None` before.
    pub(crate) fn push(&mut self, chunk: Bytes) {
        self.chunk = chunk;
    }

    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, FrameError> {
        let wanted = match self.wanted {
            Some(wanted) => wanted,
            None => match self.read_prefix()? {
                Some(wanted) => wanted,
                None => return Ok(None),
            },
        };
        // The usual case: all of it in one piece, which is passed on as it is.
        if self.message.is_empty() && self.chunk.len() >= wanted {
            self.wanted = None;
            return Ok(Some(self.chunk.split_to(wanted)));
        }
        let missing = wanted - self.message.len();
        if self.message.is_empty() {
            self.message.reserve(wanted.min(FIRST_ROOM));
        }
        let piece = self.chunk.split_to(missing.min(self.chunk.len()));
        self.message.extend_from_slice(&piece);
        if self.message.len() < wanted {
            return Ok(None);
        }
        self.wanted = None;
        Ok(Some(std::mem::take(&mut self.message).freeze()))
    }

    /// Whether the stream may end here.
    pub(crate) fn is_between_messages(&self) -> bool {
        self.chunk.is_empty() && self.prefix.is_empty() && self.wanted.is_none()
    }

    fn read_prefix(&mut self) -> Result<Option<usize>, FrameError> {
        let missing = PREFIX - self.prefix.len();
        let piece = self.chunk.split_to(missing.min(self.chunk.len()));
        self.prefix.extend_from_slice(&piece);
        if self.prefix.len() < PREFIX {
            return Ok(None);
        }
        let size = usize::try_from(self.prefix.get_u32()).unwrap_or(usize::MAX);
        if size > MAX_MESSAGE {
            return Err(FrameError::TooLarge { size });
        }
        self.wanted = Some(size);
        Ok(Some(size))
    }
}

#[cfg(test)]
mod tests;
