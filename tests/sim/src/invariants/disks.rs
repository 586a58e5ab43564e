//! A daemon whose disk fails says so and ends; it never goes on as if nothing were.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::cluster::Cluster;

/// From the first refusal to the end, if nothing else is wrong with the machine.
const ENDS_WITHIN: Duration = Duration::from_secs(5);

/// Breaks a disk, waits for the daemon to notice, and repairs it. The init system starts the daemon again.
pub(crate) async fn fail_for_a_while(cluster: Arc<Cluster>, place: usize, how_long: Duration) {
    let hardware = cluster.machines()[place].hardware.clone();
    let life = cluster.machines()[place].scope();
    hardware.break_down();
    let until = Instant::now() + how_long;
    while Instant::now() < until {
        sleep(Duration::from_millis(100)).await;
        let machines = cluster.machines();
        let same_life = match (&life, &machines[place].scope()) {
            (Some(before), Some(now)) => Arc::ptr_eq(before, now),
            (_, _) => false,
        };
        if !same_life || machines[place].is_paused() {
            continue;
        }
        let ignored = hardware
            .refused_at()
            .is_some_and(|at| at.elapsed() > ENDS_WITHIN);
        if ignored {
            drop(machines);
            cluster.trace().violated(format_args!(
                "the daemon of machine {place} goes on over a disk that fails"
            ));
            break;
        }
    }
    cluster
        .trace()
        .note(format_args!("disk {place} works again"));
    hardware.repair();
}
