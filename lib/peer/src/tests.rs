//! Real TLS and real sockets on localhost: who calls whom, and what happens when things break.

mod accepting;
mod calls;
mod fixture;
mod links;
