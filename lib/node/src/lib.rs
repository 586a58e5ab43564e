//! One whole node: raft, gossip, server and agent wired together over given transports, storage and clocks.
//!
//! The daemon passes the real world in, the simulation a simulated one: both run the same wiring.

mod addresses;
mod node;
mod role;
mod sight;
mod switchboard;
mod world;

pub use node::{Node, Options, Origin, StartError};
pub use role::{RoleError, Serving};
pub use world::{LogPlace, World};
