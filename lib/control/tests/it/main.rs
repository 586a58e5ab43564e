//! What the controllers promise: cases of nodes and servers in time, and that every plan makes progress and then rests.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of tests fail by panicking, too"
)]

mod nodes;
mod properties;
mod servers;
mod world;
