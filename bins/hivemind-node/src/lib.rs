//! hivemind node: list and inspect nodes.
