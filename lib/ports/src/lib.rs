//! What the world provides, as traits: clock, randomness, calls and links between nodes, datagrams, containers, images, networks, volumes.
//!
//! The consumers (`raft`, `gossip`, `agent`, `server`) take these; `hivemind-daemon` passes the real ones and the simulation
//! passes fakes. Timers are tokio's: under simulation its clock is paused and jumps.

mod clock;
mod datagrams;
mod images;
mod network;
mod runtime;
pub mod task;
mod transport;
mod volumes;

pub use clock::{Clock, Random};
pub use datagrams::Datagrams;
pub use images::{
    Blob, BlobWriter, ImageError, ImageStore, Ingest, PullProgress, PullStep, Registry, StoredImage,
};
pub use network::{
    Attached, Attachment, Network, NetworkError, NetworkKey, NetworkOptions, PortTaken,
    PublishedPort,
};
pub use runtime::{
    BindMount, ContainerEvent, ContainerId, ContainerOrder, ContainerState, Ended, Exit,
    FoundContainer, Runtime, RuntimeError, Started, TmpfsMount, Ulimit,
};
pub use transport::{AddressBook, CallError, Handler, Link, Method, Peer, Refusal, Transport};
pub use volumes::{VolumeError, Volumes};

/// A boxed future that may move between threads.
pub type BoxFuture<T> = futures_util::future::BoxFuture<'static, T>;
