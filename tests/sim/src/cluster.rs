//! The machines of a run, from founding to the end.

mod birth;
mod init;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hm_node::Node;
use hm_ports::task::Scope;
use hm_server::Core;
use hm_state::CreateCluster;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep};

use crate::hardware::Sync;
use crate::invariants::{Invariants, whole};
use crate::machine::Machine;
use crate::network::Network;
use crate::random::Chance;
use crate::trace::Trace;

pub(crate) struct Cluster {
    chance: Chance,
    network: Network,
    invariants: Invariants,
    machines: Mutex<Vec<Machine>>,
    /// Each machine's init system, while the machine has power.
    inits: Mutex<Vec<Option<AbortHandle>>>,
    founding: CreateCluster,
}

impl Cluster {
    pub(crate) fn new(
        size: usize,
        chance: &Chance,
        invariants: &Invariants,
        sync: Sync,
    ) -> Arc<Self> {
        let network = Network::new(chance.clone(), invariants.trace.clone());
        let machines: Vec<Machine> = (0..size)
            .map(|place| Machine::new(place, &network, chance, sync))
            .collect();
        let founding = birth::founding(&machines, chance);
        Arc::new(Self {
            chance: chance.clone(),
            network,
            invariants: invariants.clone(),
            machines: Mutex::new(machines),
            inits: Mutex::new((0..size).map(|_| None).collect()),
            founding,
        })
    }

    pub(crate) fn chance(&self) -> &Chance {
        &self.chance
    }

    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    pub(crate) fn invariants(&self) -> &Invariants {
        &self.invariants
    }

    pub(crate) fn trace(&self) -> &Trace {
        &self.invariants.trace
    }

    pub(crate) fn machines(&self) -> MutexGuard<'_, Vec<Machine>> {
        self.machines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn size(&self) -> usize {
        self.machines().len()
    }

    pub(crate) fn nodes(&self) -> Vec<Arc<Node>> {
        self.machines().iter().filter_map(Machine::node).collect()
    }

    pub(crate) fn cores(&self) -> Vec<Arc<Core>> {
        self.nodes().iter().filter_map(|node| node.core()).collect()
    }

    /// The place of the machine that leads, if exactly one thinks so.
    pub(crate) fn leader(&self) -> Option<usize> {
        let machines = self.machines();
        let mut leading = machines.iter().filter(|machine| {
            let core = machine.node().and_then(|node| node.core());
            core.is_some_and(|core| core.raft().status().borrow().is_leader())
        });
        let first = leading.next()?.place;
        leading.next().is_none().then_some(first)
    }

    /// A server chosen by chance, and the scope of its machine.
    pub(crate) fn some_server(&self) -> Option<(Arc<Core>, Arc<Scope>)> {
        let machines = self.machines();
        let servers: Vec<_> = machines
            .iter()
            .filter_map(|machine| Some((machine.node()?.core()?, machine.scope()?)))
            .collect();
        self.chance.pick(&servers).cloned()
    }

    /// Waits until the cluster is whole. Says what is missing if that takes too long.
    pub(crate) async fn settles(&self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        loop {
            let Err(missing) = whole::check(self) else {
                return true;
            };
            if Instant::now() > until {
                self.trace()
                    .violated(format_args!("not settled after {limit:?}: {missing}"));
                return false;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
}
