//! Checks of the house itself: layers, lists, generated files.
//!
//! The library reads the tree, the manifests and the tables beside this crate; `tests/house` holds the rules.

mod package;
mod table;
mod tree;

pub use package::{Foreign, Package, foreign, packages};
pub use table::{Row, Table};
pub use tree::{File, files, root};
