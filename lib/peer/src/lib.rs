//! Calls and links between nodes for real: HTTP/2 over mutual TLS.
//!
//! [`PeerTransport`] is the calling side, [`Acceptor`] and [`serve_connection`] the called one. A call is one POST; a link is
//! one POST whose two bodies are streams of whole messages. One connection per peer carries them all.

mod accept;
mod clock;
mod connection;
mod dial;
mod frames;
mod link;
mod pool;
mod serve;
mod socket;
mod transport;
mod wire;

#[cfg(test)]
mod tests;

pub use accept::{AcceptError, AcceptLimits, Accepted, Acceptor, ServerStream};
pub use clock::ClockTime;
pub use serve::{ServeError, serve_connection};
pub use transport::{PeerTimeouts, PeerTransport};
pub use wire::{MAX_CALL_BODY, MAX_LINKS, MAX_MESSAGE};
