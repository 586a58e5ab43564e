//! The real network: one UDP socket.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use hm_ports::{BoxFuture, Datagrams};
use tokio::net::UdpSocket;

/// Longer than any datagram of ours: what is cut at this length is not one.
const BUFFER: usize = 2_048;

#[derive(Debug)]
pub struct UdpDatagrams {
    socket: Arc<UdpSocket>,
}

impl UdpDatagrams {
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = Arc::new(UdpSocket::bind(address).await?);
        Ok(Self { socket })
    }

    /// Where it listens, with the port the kernel chose if it was asked to.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

fn receive_now(socket: &UdpSocket) -> io::Result<(SocketAddr, Bytes)> {
    let mut buffer = [0; BUFFER];
    let (length, from) = socket.try_recv_from(&mut buffer)?;
    Ok((from, Bytes::copy_from_slice(&buffer[..length])))
}

impl Datagrams for UdpDatagrams {
    fn try_send(&self, to: SocketAddr, datagram: &[u8]) -> io::Result<()> {
        self.socket.try_send_to(datagram, to).map(drop)
    }

    fn receive(&self) -> BoxFuture<io::Result<(SocketAddr, Bytes)>> {
        let socket = Arc::clone(&self.socket);
        Box::pin(async move {
            loop {
                socket.readable().await?;
                match receive_now(&socket) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    done => return done,
                }
            }
        })
    }

    fn try_receive(&self) -> Option<(SocketAddr, Bytes)> {
        receive_now(&self.socket).ok()
    }
}
