//! Agreement: openraft on redb behind our own records, checksums and handle.
//!
//! [`Raft`] is the handle. What it needs from the world comes in as [`Options`] (transport, addresses, [`Disk`]), [`Storage`]
//! and the [`Machine`] that agreed entries are applied to.

mod disk;
mod engine;
mod machine;
mod raft;
mod record;
mod runtime;
mod store;
pub mod testing;
mod timings;
mod types;
mod wire;

pub use disk::{Disk, Job, StartDiskError, ThreadDisk};
pub use machine::{ApplyError, Frozen, Machine, RestoreError};
pub use raft::{
    Applied, ChangeError, InitializeError, OpenError, Options, ProposeError, Raft, Role, Running,
    SnapshotError, Status,
};
pub use record::RecordError;
pub use runtime::seed_thread_rng;
pub use store::{Storage, StoreError};
pub use timings::Timings;
