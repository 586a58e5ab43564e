//! Where things are: socket, file and unit paths, ports, environment variable names.
//!
//! Every place that a person, a unit file, a document and a program must agree on is named here once. There is no code in this
//! crate that looks at the machine: what depends on the environment takes it as an argument, and there are no dependencies.
//!
//! - [`files`]: what is on a node, and where under the data directory.
//! - [`ports`]: what listens where.
//! - [`environment`]: the variables that programs read, and what they mean.
//! - [`user`]: the files of the person who types a command.
//! - [`units`]: the names of the systemd units.

pub mod environment;
pub mod files;
pub mod ports;
pub mod units;
pub mod user;
