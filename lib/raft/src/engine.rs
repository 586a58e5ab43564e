//! openraft's side: its storage, state machine and network traits over our store, machine and transport.

pub(crate) mod applier;
pub(crate) mod logstore;
pub(crate) mod network;

#[cfg(test)]
mod tests;
