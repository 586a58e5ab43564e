//! The words of Hivemind as types: parsing, validation, units, defaults.
//!
//! Pure: no clock, no random source, no file, no socket. What is random or timed comes in as an argument.

mod node_id;

pub use node_id::{NodeId, ParseNodeIdError};
