//! A server that is cut off from the other servers lets its agents go: they find one that knows what is agreed on.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::{healthy, world};

/// How long, after one server was cut off from the other servers only, until no agent of another machine is at it. `None`:
/// a minute was not enough.
pub fn agents_leave_a_server_that_is_cut_off(seed: u64, machines: usize) -> Option<Duration> {
    world(seed, async move {
        let (cluster, is_up) = healthy(seed, machines).await;
        assert!(is_up, "{:?}", cluster.trace().finish().violations);
        let servers: Vec<_> = cluster.cores().iter().map(|core| core.id()).collect();
        let followed = |server| {
            let machines = cluster.machines();
            machines
                .iter()
                .filter(|machine| machine.id != server)
                .filter_map(server_of)
                .any(|connected| connected == server)
        };
        let alone = servers.iter().copied().find(|server| followed(*server))?;
        for other in servers.iter().filter(|other| **other != alone) {
            cluster.network().cut(alone, *other);
            cluster.network().cut(*other, alone);
        }
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(60) {
            if !followed(alone) {
                return Some(began.elapsed());
            }
            sleep(Duration::from_millis(100)).await;
        }
        None
    })
}

fn server_of(machine: &crate::machine::Machine) -> Option<hm_model::NodeId> {
    *machine.node()?.agent().connected().borrow()
}
