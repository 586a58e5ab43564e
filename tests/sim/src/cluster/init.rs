//! Each machine's power and init system: a daemon that ends by itself is started again.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use hm_node::Origin;
use hm_ports::Peer;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::Cluster;
use crate::machine::{API_PORT, LookOn};
use crate::network::address_of;

/// As systemd's RestartSec.
const STARTS_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// As systemd's TimeoutStopSec: then it is killed.
const STOPS_WITHIN: Duration = Duration::from_secs(10);

impl Cluster {
    /// Gives a machine power, unless it has.
    pub(crate) fn switch_on(self: &Arc<Self>, place: usize) {
        if self.machines()[place].is_up() {
            return;
        }
        self.start(place);
    }

    pub(crate) fn lose_power(&self, place: usize) {
        self.set_init(place, None);
        self.machines()[place].lose_power();
    }

    pub(crate) fn kill(&self, place: usize) {
        self.set_init(place, None);
        self.machines()[place].end_daemon();
    }

    /// Stops a daemon in order, as its init system would, and starts it again a little later.
    pub(crate) async fn restart(self: Arc<Self>, place: usize, off: Duration) {
        let (node, scope) = {
            let machines = self.machines();
            (machines[place].node(), machines[place].scope())
        };
        let (Some(node), Some(scope)) = (node, scope) else {
            return;
        };
        self.set_init(place, None);
        let stopping = scope.enter(async move { node.shutdown().await });
        if timeout(STOPS_WITHIN, stopping).await.is_err() {
            self.trace()
                .note(format_args!("machine {place} did not stop in time"));
        }
        let same_life = self.machines()[place]
            .scope()
            .is_some_and(|now| Arc::ptr_eq(&now, &scope));
        if !same_life {
            return;
        }
        self.trace()
            .note(format_args!("machine {place} has stopped"));
        self.machines()[place].end_daemon();
        sleep(off).await;
        self.switch_on(place);
    }

    fn start(self: &Arc<Self>, place: usize) {
        let invariants = self.invariants.clone();
        let look_on: LookOn = Box::new(move |node| invariants.look_on(node));
        let ended = self.machines()[place].start(self.origin(place), look_on);
        let cluster = self.clone();
        let init = tokio::spawn(async move {
            let Ok(reason) = ended.await else { return };
            cluster.trace().note(format_args!(
                "the daemon of machine {place} ended: {reason}"
            ));
            cluster.trace().count("daemons that ended by themselves");
            cluster.machines()[place].end_daemon();
            // What a failing disk did not confirm may be there or not.
            cluster.machines()[place].hardware.crash();
            sleep(STARTS_AGAIN_AFTER).await;
            if !cluster.machines()[place].is_up() {
                cluster.start(place);
            }
        });
        self.set_init(place, Some(init.abort_handle()));
    }

    fn set_init(&self, place: usize, init: Option<AbortHandle>) {
        let mut inits = self.inits.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = std::mem::replace(&mut inits[place], init) {
            before.abort();
        }
    }

    /// The founder is told to found at every start, the others where the first server was when they joined: what the
    /// node itself knows must count for more.
    fn origin(&self, place: usize) -> Origin {
        if place == 0 {
            return Origin::Create(Box::new(self.founding.clone()));
        }
        let first = Peer {
            id: self.founding.node.id,
            addresses: vec![(address_of(0), API_PORT).into()],
        };
        Origin::Member {
            servers: vec![first],
            gossip_keys: self.founding.gossip_keys.clone(),
        }
    }
}
