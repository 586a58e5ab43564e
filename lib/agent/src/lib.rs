//! Makes this node match the state: the stream to a server, what it reports, what it keeps.
