//! Where others reach this node, unless `--advertise` says it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// Documentation addresses: connecting a datagram socket sends nothing, it only asks the routing table.
const SOMEWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9);

/// The address this machine uses towards the rest of the world; loopback when it has no way out.
pub(crate) fn own_address() -> IpAddr {
    let asked = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        socket.connect(SOMEWHERE)?;
        socket.local_addr()
    });
    match asked {
        Ok(address) if !address.ip().is_unspecified() => address.ip(),
        Ok(_) | Err(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
    }
}
