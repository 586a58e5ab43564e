//! The identity of a node: 64 random bits, never reused, written as 13 characters that are easy to read aloud.

use crate::id64::id64;

id64! {
    /// A node's identity. It is also its Raft id and the name in its certificate; addresses are mere attributes.
    pub struct NodeId("a node id")
}
