//! The daemon of a node: API, agent, gossip and, on servers, Raft and controllers.
