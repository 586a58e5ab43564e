//! Calls and links between nodes for real: HTTP/2 over mutual TLS.
