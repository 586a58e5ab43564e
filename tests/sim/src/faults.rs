//! What goes wrong in a run: drawn from its chance, one thing after the other, often several at once.

mod connections;
mod machines;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::cluster::Cluster;
use crate::network::Weather;

type Fault = fn(&Arc<Cluster>);

/// How often in proportion, the name it is counted under, and what happens.
const FAULTS: [(u64, &str, Fault); 19] = [
    (6, "power losses", machines::loses_power),
    (2, "long power losses", machines::loses_power_for_long),
    (2, "power losses of several", machines::several_lose_power),
    (1, "power losses of all", machines::all_lose_power),
    (3, "kills", machines::is_killed),
    (3, "orderly restarts", machines::restarts),
    (3, "pauses", machines::is_paused),
    (2, "pauses of the leader", machines::leader_is_paused),
    (2, "disk stalls", machines::disk_stalls),
    (1, "ends of disk stalls", machines::disks_recover),
    (2, "disk failures", machines::disk_fails),
    (2, "clock jumps", machines::clock_jumps),
    (2, "snapshots", machines::snapshot_is_taken),
    (4, "partitions", connections::partition),
    (2, "one-way cuts", connections::cut_one_way),
    (
        2,
        "cuts between servers and agents",
        connections::cut_agents_off,
    ),
    (1, "cuts between servers", connections::cut_servers),
    (3, "healings of the network", connections::heal),
    (2, "changes of weather", connections::change_weather),
];

/// Makes trouble until `until`.
pub(crate) async fn trouble(cluster: &Arc<Cluster>, until: Instant) {
    let all: u64 = FAULTS.iter().map(|(weight, _, _)| weight).sum();
    while Instant::now() < until {
        let mut drawn = cluster.chance().below(all);
        for (weight, name, happens) in FAULTS {
            if drawn < weight {
                cluster.trace().count(name);
                happens(cluster);
                break;
            }
            drawn -= weight;
        }
        let pause = cluster
            .chance()
            .between(Duration::from_millis(50), Duration::from_secs(3));
        sleep(pause).await;
    }
}

/// Ends all trouble and switches on whatever is down.
pub(crate) fn heal(cluster: &Arc<Cluster>) {
    cluster.trace().note("healed");
    cluster.network().heal_all();
    cluster.network().set_weather(Weather::FAIR);
    for place in 0..cluster.size() {
        {
            let machine = &mut cluster.machines()[place];
            machine.hardware.repair();
            machine.resume_now();
        }
        cluster.switch_on(place);
    }
}

/// The place of a machine, drawn.
fn any(cluster: &Cluster) -> usize {
    cluster.chance().below(cluster.size() as u64) as usize
}
