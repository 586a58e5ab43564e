//! The long form of the simulation: `cargo run --release -p hm-gossip --example hour [SECONDS [NODES [SEED]]]`.
//!
//! A thousand nodes, an hour, 5 % of the datagrams lost, 1 % of the nodes paused for up to 1.5 s at each moment. Prints what
//! they sent and whether anyone was called down; then kills nodes one after the other and prints when all know.

#[path = "../tests/simulation/crowd.rs"]
mod crowd;
#[path = "../tests/simulation/world.rs"]
#[expect(dead_code, reason = "the tests need more of it than this does")]
mod world;

use std::io::Write;
use std::time::{Duration, Instant};

use hm_gossip::MemberState;
use world::{World, ms};

const VICTIMS: usize = 20;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|argument| argument.parse::<u64>());
    let mut next = |default| arguments.next().and_then(Result::ok).unwrap_or(default);
    let (seconds, nodes, seed) = (next(3_600), next(1_000) as usize, next(1));
    let mut out = std::io::stdout().lock();

    let started = Instant::now();
    let mut world = World::joined(nodes, seed);
    writeln!(
        out,
        "{nodes} nodes met after {:?}, computed in {:?}",
        world.now,
        started.elapsed()
    )?;

    // The news of who joined last dies down.
    world.run(ms(30_000));

    let started = Instant::now();
    let quiet = crowd::Weather {
        loss: 0.0,
        paused_per_mille: 0,
        longest_pause: Duration::ZERO,
    };
    for (name, weather, time) in [
        ("quiet", quiet, ms(60_000)),
        ("bad weather", crowd::BAD, ms(seconds * 1_000)),
    ] {
        let report = crowd::endure(&mut world, nodes, weather, time);
        writeln!(
            out,
            "{name} {:?}: sent {:.0} B/s per node ({:.1} datagrams/s, most {:.0} B/s), received {:.0} B/s, {} pauses, \
             {} times suspect, {} false alarms",
            report.time,
            report.sent_per_second,
            report.datagrams_per_second,
            report.most_sent_per_second,
            report.received_per_second,
            report.pauses,
            report.suspicions,
            report.false_alarms.len(),
        )?;
        for alarm in report.false_alarms.iter().take(5) {
            writeln!(out, "  {alarm:?}")?;
        }
    }
    let unknown = world
        .strangers()
        .into_iter()
        .filter(|(_, _, state)| state.is_none())
        .count();
    writeln!(
        out,
        "{unknown} pairs never met; computed in {:?}",
        started.elapsed()
    )?;

    let mut worst = Duration::ZERO;
    for victim in 0..VICTIMS {
        world.kill(victim);
        let took = world.run_until(ms(60_000), |world| {
            (VICTIMS..nodes).all(|node| world.state(node, victim) == Some(MemberState::Down))
        });
        worst = worst.max(took.unwrap_or(Duration::MAX));
    }
    writeln!(
        out,
        "{VICTIMS} dead nodes, each known to all after at most {worst:?}"
    )
}
