//! hivemind health: is this cluster all right?
