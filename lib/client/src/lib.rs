//! Blocking calls to the daemon over its unix socket.
//!
//! No TLS, no SSH, no async runtime: a host elsewhere is reached through a unix socket that `hivemind-connect` opens. The typed
//! calls are thin generics over one [`Client::request`], so that a command stays small and builds fast.

mod client;
mod error;
mod host;
mod http;
mod watch;

pub use client::{Client, DEFAULT_TIMEOUT, ParseTokenError, Token};
pub use error::ClientError;
pub use host::{Host, ParseHostError};
pub use watch::{Change, PATIENCE, Watch};
