//! What the state promises: every entry, every role's view, the formats, and that nothing depends on how a state came about.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of tests fail by panicking, too"
)]

mod apps;
mod cluster;
mod damage;
mod events;
mod formats;
mod golden;
mod log;
mod nodes;
mod objects;
mod properties;
mod requests;
mod settings;
mod sight;
mod tokens;
