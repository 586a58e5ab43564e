//! Blocking calls to the daemon over its unix socket.
