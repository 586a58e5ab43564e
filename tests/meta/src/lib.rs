//! Checks of the house itself: layers, lists, generated files.
