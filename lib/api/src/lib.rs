//! The API: operations, bodies, errors, and the OpenAPI document made from them.
//!
//! The server dispatches by the route table, the client calls by [`Operation`], the commands print the bodies unchanged.
//! Whoever only calls should use [`Operation`] and the bodies, not [`route`]: the table carries the schemas of everything.

pub mod cluster;
pub mod error;
pub mod event;
pub mod health;
pub mod join;
pub mod list;
pub mod namespace;
pub mod node;
pub mod openapi;
pub mod operation;
pub mod query;
pub mod route;
mod schema;
pub mod setting;
pub mod token;
pub mod watch;

pub use error::{ErrorCode, Exit, Problem};
pub use list::List;
pub use operation::{Method, Operation};

/// The version of the API, answered with every response.
pub const API_VERSION: &str = "1";

/// The header that carries [`API_VERSION`].
pub const API_HEADER: &str = "hivemind-api";

/// Names a request (`hm_model::RequestId`, 32 hexadecimal digits, or a UUID): repeating one with the same id is safe. Echoed by the daemon.
pub const REQUEST_ID_HEADER: &str = "hivemind-request-id";

pub const JSON: &str = "application/json";
pub const PROBLEM_JSON: &str = "application/problem+json";
pub const NDJSON: &str = "application/x-ndjson";
