//! Where nodes can be called: what the server's state says, else what the agent knows, else what joining told.

use std::net::SocketAddr;
use std::sync::PoisonError;
use std::sync::{Arc, RwLock, Weak};

use hm_agent::View;
use hm_model::NodeId;
use hm_ports::{AddressBook, Peer};
use hm_server::Store;
use tokio::sync::watch;

pub(crate) struct Addresses {
    view: watch::Receiver<Arc<View>>,
    first: Vec<Peer>,
    store: RwLock<Weak<Store>>,
}

impl Addresses {
    pub(crate) fn new(view: watch::Receiver<Arc<View>>, first: Vec<Peer>) -> Self {
        Self {
            view,
            first,
            store: RwLock::default(),
        }
    }

    /// A new server's state starts empty: until it knows a node, the agent's view answers.
    pub(crate) fn also_ask(&self, store: &Arc<Store>) {
        *self.store.write().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(store);
    }
}

impl AddressBook for Addresses {
    fn addresses(&self, node: NodeId) -> Vec<SocketAddr> {
        let store = self
            .store
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .upgrade();
        let known = store
            .and_then(|store| {
                store
                    .state()
                    .nodes()
                    .value(&node)
                    .map(hm_server::core::peer_of)
            })
            .or_else(|| self.view.borrow().peer(node))
            .or_else(|| self.first.iter().find(|peer| peer.id == node).cloned());
        known.map(|peer| peer.addresses).unwrap_or_default()
    }
}
