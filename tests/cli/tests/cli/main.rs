//! What the commands print and how they end, against a daemon that is played.
//!
//! The commands are real processes; the daemon is a thread that gives the answers of one test, built from the API's types.

mod canned;
mod contract;
mod daemon;
mod hivemind;
mod hivemind_admin;
mod hivemind_cluster;
mod hivemind_health;
mod hivemind_node;
mod stage;
mod terminal;
mod watch;
