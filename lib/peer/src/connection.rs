//! One open connection to a peer, and how long it has been silent.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::client::conn::http2::SendRequest;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::wire::OutBody;

/// With an answer outstanding and nothing heard for so long, an abandoned call takes its connection out of use.
const SUSPICIOUS_SILENCE: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) requests: SendRequest<OutBody>,
    silence: Arc<Silence>,
}

impl Connection {
    pub(crate) fn new(requests: SendRequest<OutBody>, silence: Arc<Silence>) -> Self {
        Self { requests, silence }
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.requests.is_closed()
    }

    /// To be noted when a request is sent.
    pub(crate) fn expects_answer(&self) {
        self.silence.begin();
    }

    /// Whether an answer has been missing for so long, with not a byte of anything else, that the peer may be gone.
    pub(crate) fn is_suspicious(&self) -> bool {
        self.silence.lasted() >= SUSPICIOUS_SILENCE
    }
}

/// Since when an answer is waited for without hearing anything: milliseconds after `start`, plus one; 0 while nothing is.
#[derive(Debug)]
pub(crate) struct Silence {
    start: Instant,
    since: AtomicU64,
}

impl Silence {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            since: AtomicU64::new(0),
        }
    }

    fn begin(&self) {
        if self.since.load(Ordering::Relaxed) == 0 {
            // Losing the race means that another call began at the same time.
            let _other =
                self.since
                    .compare_exchange(0, self.now(), Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    fn heard(&self) {
        self.since.store(0, Ordering::Relaxed);
    }

    fn lasted(&self) -> Duration {
        match self.since.load(Ordering::Relaxed) {
            0 => Duration::ZERO,
            since => Duration::from_millis(self.now().saturating_sub(since)),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }
}

/// A stream that notes when something arrives.
#[derive(Debug)]
pub(crate) struct Heard<S> {
    stream: S,
    silence: Arc<Silence>,
}

impl<S> Heard<S> {
    pub(crate) fn new(stream: S, silence: Arc<Silence>) -> Self {
        Self { stream, silence }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Heard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.silence.heard();
        }
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Heard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
