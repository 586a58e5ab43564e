//! For tests only: namespaces, temporary homes, programs run and watched, daemons and clusters of them.
//!
//! Nothing here touches the machine's own network, home or processes: nodes are network namespaces that carry the name of the
//! test process, only processes started here are signalled, by their id, and what a killed test left behind is swept by the
//! next one.

mod api;
mod binary;
mod cluster;
mod daemon;
mod error;
mod home;
mod namespace;
mod network;
mod owner;
mod run;
mod sweep;
mod wait;

pub use api::{Answer, Api};
pub use binary::binary;
pub use cluster::Cluster;
pub use daemon::{Daemon, DaemonPlan};
pub use error::KitError;
pub use home::TempHome;
pub use namespace::Namespace;
pub use network::Network;
pub use run::{Finished, Run};
pub use wait::{Deadline, until, until_exit, until_file, until_listening};
