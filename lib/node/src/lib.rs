//! One whole node: raft, gossip, server and agent wired together over given transports, storage and clocks.
