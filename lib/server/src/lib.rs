//! The server: proposals, watches, the leader's work, and the REST API with its one choke point.
