//! The server: proposals, watches, the leader's work, and the REST API with its one choke point.
//!
//! `Core` is the server without HTTP; the simulation runs it as it is. `hm-node` wires it to raft, gossip and the agent.

mod agents;
pub mod core;
mod error;
pub mod http;
mod leader;
mod rpc;
mod sightings;
mod store;
mod touch;
mod watch;

pub use core::{Core, World};
pub use error::ProposeError;
pub use sightings::{Seen as Sighted, Sightings};
pub use store::{Compacted, Store, StoreMachine};
pub use watch::{Step, Watcher};
