//! What the world provides to a node.

use std::io;
use std::sync::Arc;

use hm_agent::Keep;
use hm_ports::{Clock, Datagrams, Random, Transport};
use hm_raft::{Disk, Storage, StoreError};

#[derive(Clone)]
pub struct World {
    pub transport: Arc<dyn Transport>,
    pub datagrams: Arc<dyn Datagrams>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub disk: Arc<dyn Disk>,
    pub log: Arc<dyn LogPlace>,
    pub keep: Arc<dyn Keep>,
}

/// Where this node's log lies while it is a server.
pub trait LogPlace: Send + Sync + 'static {
    fn exists(&self) -> io::Result<bool>;
    fn open(&self) -> Result<Storage, StoreError>;
    /// Called when the node is no server any more.
    fn remove(&self) -> io::Result<()>;
}
