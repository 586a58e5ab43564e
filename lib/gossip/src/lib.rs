//! Who is reachable: foca behind encrypted datagrams.
//!
//! [`Core`] decides, without sockets or clocks: datagrams and the time go in, datagrams and changes come out. [`Gossip`] is
//! the task around it. foca keeps the list of members, settles contradictions, spreads the news and lets nodes join and
//! return; whom to watch and what silence means is decided in `watch`, because foca's random prober cannot keep our bound.

mod codec;
mod core;
mod health;
mod identity;
mod members;
mod options;
mod replay;
mod seal;
mod shell;
mod statistics;
mod timing;
mod udp;
mod watch;

pub use self::core::{Core, Output};
pub use members::{Member, MemberState, Members};
pub use options::{Options, OptionsError};
pub use seal::KeyRing;
pub use shell::{Gossip, GossipStopped};
pub use statistics::{Dropped, Statistics};
pub use timing::Timing;
pub use udp::UdpDatagrams;
