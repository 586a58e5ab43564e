//! What listens where.

/// API, web page and node-to-node calls, over TLS.
pub const API: u16 = 3000;
/// Gossip, over UDP.
pub const GOSSIP: u16 = 7946;
/// The overlay between nodes, over UDP. The number that IANA gave to VXLAN.
pub const VXLAN: u16 = 4789;
/// Names, on the node's own service address.
pub const DNS: u16 = 53;
