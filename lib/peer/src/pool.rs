//! One connection per peer, dialled when it is needed and by one caller for all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use hm_model::NodeId;
use hm_ports::Peer;
use hm_tls::Credentials;

use crate::connection::Connection;
use crate::dial::dial;
use crate::transport::PeerTimeouts;

type Dialled = Result<Arc<Connection>, Arc<str>>;

#[derive(Debug)]
pub(crate) struct Pool {
    credentials: Arc<Credentials>,
    timeouts: PeerTimeouts,
    slots: Mutex<Slots>,
}

#[derive(Debug, Default)]
struct Slots {
    by_node: BTreeMap<NodeId, Slot>,
    dials: u64,
}

#[derive(Debug)]
enum Slot {
    Open(Arc<Connection>),
    /// The number tells this dial from a later one to the same node.
    Dialling(u64, Shared<BoxFuture<'static, Dialled>>),
}

impl Pool {
    pub(crate) fn new(credentials: Arc<Credentials>, timeouts: PeerTimeouts) -> Arc<Self> {
        Arc::new(Self {
            credentials,
            timeouts,
            slots: Mutex::default(),
        })
    }

    /// The open connection, or the outcome of the dial under way, or of a new one.
    pub(crate) async fn get(self: &Arc<Self>, peer: &Peer) -> Dialled {
        let waiting = {
            let mut slots = self.lock();
            match slots.by_node.get(&peer.id) {
                Some(Slot::Open(connection)) if connection.is_open() => {
                    return Ok(connection.clone());
                }
                Some(Slot::Dialling(_, outcome)) => outcome.clone(),
                Some(Slot::Open(_)) | None => self.start(&mut slots, peer.clone()),
            }
        };
        waiting.await
    }

    /// No new call uses this connection; what is under way on it goes on.
    pub(crate) fn retire(&self, node: NodeId, retired: &Arc<Connection>) {
        let mut slots = self.lock();
        if let Some(Slot::Open(current)) = slots.by_node.get(&node)
            && Arc::ptr_eq(current, retired)
        {
            slots.by_node.remove(&node);
        }
    }

    pub(crate) fn forget(&self, node: NodeId) {
        self.lock().by_node.remove(&node);
    }

    /// Dials in a task of its own: callers give up early, and a slow second address would never be reached otherwise.
    fn start(
        self: &Arc<Self>,
        slots: &mut Slots,
        peer: Peer,
    ) -> Shared<BoxFuture<'static, Dialled>> {
        slots.dials += 1;
        let (number, node, pool) = (slots.dials, peer.id, self.clone());
        let task = tokio::spawn(async move {
            let dialled = dial(&pool.credentials, &peer, pool.timeouts).await;
            let dialled = dialled.map(Arc::new).map_err(Arc::from);
            pool.finish(peer.id, number, &dialled);
            dialled
        });
        let outcome = async move {
            task.await
                .unwrap_or_else(|_| Err(Arc::from("the dial was stopped")))
        };
        let outcome = outcome.boxed().shared();
        slots
            .by_node
            .insert(node, Slot::Dialling(number, outcome.clone()));
        outcome
    }

    fn finish(&self, node: NodeId, number: u64, dialled: &Dialled) {
        let mut slots = self.lock();
        let current =
            matches!(slots.by_node.get(&node), Some(Slot::Dialling(n, _)) if *n == number);
        if !current {
            return;
        }
        match dialled {
            Ok(connection) => slots.by_node.insert(node, Slot::Open(connection.clone())),
            Err(_) => slots.by_node.remove(&node),
        };
    }

    // Nothing in here panics half-way through a change.
    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
