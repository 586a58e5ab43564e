//! The REST door: one choke point for the unix socket, HTTPS, and requests that other nodes pass on.
//!
//! The daemon owns the listeners and hands each accepted stream to [`Door::serve`]. Every request, whatever door it came by, is
//! limited, authenticated, authorized, validated and audited in `dispatch`, and nowhere else. The subjects' files only turn the
//! state into bodies and bodies into proposals.

mod accounts;
mod answer;
pub mod audit;
mod authority;
mod body;
mod call;
mod cluster;
mod dispatch;
mod events;
mod forward;
mod health;
mod identity;
mod join;
mod limits;
mod matching;
mod namespaces;
mod nodes;
mod page;
mod place;
mod refusal;
mod relay;
mod request_id;
mod serve;
mod settings;
mod tokens;
mod watch;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use hm_model::NodeId;
use hm_ports::{Clock, Random};
use tokio::sync::watch as signal;

pub use accounts::Account;
pub use authority::{Authority, AuthorityError, Membership, NewMember, NewToken, ShownToken};
pub use forward::{ForwardError, Forwarded};
pub use identity::{Entrance, Identity};
pub use place::{Leadership, Place, Server};
pub use relay::{RELAY, hand_on};

/// An answer, as the door gives it.
pub use axum::response::Response;

use audit::AuditLog;
use limits::Limits;

/// The node behind this door.
#[derive(Clone, Debug)]
pub struct Me {
    pub id: NodeId,
    pub name: String,
    /// The daemon's version.
    pub version: String,
}

/// What the door needs of the world.
pub struct Parts {
    pub me: Me,
    pub place: Arc<dyn Place>,
    pub authority: Arc<dyn Authority>,
    pub audit: Arc<dyn AuditLog>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    /// The group whose members administer the cluster from this node.
    pub administrators: Option<u32>,
}

pub struct Door {
    parts: Parts,
    limits: Mutex<Limits>,
    document: OnceLock<Bytes>,
    open: signal::Sender<bool>,
}

impl Door {
    pub fn new(parts: Parts) -> Arc<Self> {
        Arc::new(Self {
            parts,
            limits: Mutex::default(),
            document: OnceLock::new(),
            open: signal::Sender::new(true),
        })
    }

    /// Ends streams, lets running requests finish, and closes idle connections. [`Door::serve`] returns soon after.
    pub fn close(&self) {
        self.open.send_replace(false);
    }

    /// Comes back when the door is closed.
    fn closed(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut open = self.open.subscribe();
        async move {
            // The door going away is as good as closing it.
            let _ = open.wait_for(|open| !open).await;
        }
    }

    fn document(&self) -> Bytes {
        self.document
            .get_or_init(|| Bytes::from(hm_api::openapi::document()))
            .clone()
    }
}
