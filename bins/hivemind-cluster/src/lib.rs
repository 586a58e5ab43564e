//! hivemind cluster: status, join tokens.
