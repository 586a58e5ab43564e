//! Real daemons in network namespaces: what only whole processes can show. Needs root.

mod chance;
mod load;

pub use chance::Chance;
pub use load::{Load, Written, check};
