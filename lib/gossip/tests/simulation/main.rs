//! Simulated clusters on virtual time: what the design promises, with seeds that repeat exactly.

mod crowd;
mod large;
mod small;
mod world;
