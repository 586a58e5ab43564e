//! Whole clusters in one process on virtual time: a network, disks and machines that can fail.

mod alone;
mod failures;
mod members;
mod world;
