//! The node's network: a namespace and an address for each replica, and the ports that lead to them.

use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;

use hm_model::{Cidr, Protocol};

use crate::BoxFuture;

/// The network of this node. Everything stays when the daemon ends, and is found again.
pub trait Network: Send + Sync + 'static {
    /// What a node needs before its first replica: forwarding, our tables, masquerade. Safe to repeat; `publish` and
    /// `attach` need it done.
    fn prepare(&self, options: NetworkOptions) -> BoxFuture<Result<(), NetworkError>>;

    /// Every replica's network of ours on this node.
    fn list(&self) -> BoxFuture<Result<Vec<Attached>, NetworkError>>;

    /// Makes a replica's network namespace with its address, or finds it as it is.
    fn attach(&self, order: Attachment) -> BoxFuture<Result<Attached, NetworkError>>;

    /// Removes it with everything that leads to it. Done, too, if there is none.
    fn detach(&self, key: NetworkKey) -> BoxFuture<Result<(), NetworkError>>;

    /// Makes exactly these ports of the node lead to exactly these targets. Tells which could not be taken; the others lead.
    fn publish(&self, ports: Vec<PublishedPort>)
    -> BoxFuture<Result<Vec<PortTaken>, NetworkError>>;
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NetworkOptions {
    /// The addresses of this node's replicas.
    pub subnet: Cidr,
    /// The addresses of all replicas of the cluster: not masqueraded.
    pub cluster: Cidr,
    pub mtu: u16,
}

/// Names one replica's network on this node: at most 10 of `a-z` and `0-9`, so that an interface can carry it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NetworkKey(pub String);

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attachment {
    pub key: NetworkKey,
    pub address: Ipv4Addr,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attached {
    pub key: NetworkKey,
    pub address: Ipv4Addr,
    /// The pinned namespace.
    pub namespace: PathBuf,
}

/// A port of the node and the replicas behind it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct PublishedPort {
    pub protocol: Protocol,
    /// Every address of the node if not given.
    pub address: Option<IpAddr>,
    pub port: u16,
    /// In turn, each for one connection. With none the port is held and answers nobody.
    pub targets: Vec<SocketAddrV4>,
}

/// A port that someone else on this node has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PortTaken {
    pub protocol: Protocol,
    pub address: Option<IpAddr>,
    pub port: u16,
    /// Who has it, as far as that can be found out: `nginx (pid 812)`.
    pub by: Option<String>,
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NetworkError {
    /// The kernel lacks something, or forbids it.
    #[error("{what}: {reason}")]
    Kernel { what: String, reason: String },
    #[error("the tables cannot be changed: {reason}")]
    Tables { reason: String },
    #[error("address {address} is used by another replica's network")]
    AddressUsed { address: Ipv4Addr },
}
