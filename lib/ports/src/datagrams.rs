//! Unreliable messages between addresses, for gossip.

use std::io;
use std::net::SocketAddr;

use bytes::Bytes;

use crate::BoxFuture;

/// One bound endpoint. Datagrams may be lost, doubled or reordered; they are never cut.
pub trait Datagrams: Send + Sync + 'static {
    /// Sends if that is possible without waiting; a full buffer loses the datagram, as the network would.
    fn try_send(&self, to: SocketAddr, datagram: &[u8]) -> io::Result<()>;

    /// The next datagram and its sender.
    fn receive(&self) -> BoxFuture<io::Result<(SocketAddr, Bytes)>>;

    /// A datagram that is already here, without waiting: lets a node that was paused drain its socket first.
    fn try_receive(&self) -> Option<(SocketAddr, Bytes)>;
}
