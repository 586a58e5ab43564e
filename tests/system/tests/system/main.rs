//! System tests: real processes, real sockets, real packets. Nodes are network namespaces.

mod alone;
mod config;
mod kills;
mod together;
