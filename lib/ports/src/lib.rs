//! What the world provides, as traits: clock, randomness, calls and links between nodes, datagrams.
//!
//! The consumers (`raft`, `gossip`, `agent`, `server`) take these; `hivemind-daemon` passes the real ones and the simulation
//! passes fakes. Timers are tokio's: under simulation its clock is paused and jumps.

mod clock;
mod datagrams;
pub mod task;
mod transport;

pub use clock::{Clock, Random};
pub use datagrams::Datagrams;
pub use transport::{AddressBook, CallError, Handler, Link, Method, Peer, Refusal, Transport};

/// A boxed future that may move between threads.
pub type BoxFuture<T> = futures_util::future::BoxFuture<'static, T>;
