//! The dispatcher: runs hivemind-WORD found beside itself, then on PATH.
