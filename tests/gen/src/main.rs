//! Writes what is made from the commands.
fn main() {}
