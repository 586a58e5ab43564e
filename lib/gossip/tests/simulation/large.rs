//! Hundreds of nodes. A thousand of them for an hour are in `examples/hour.rs`; this is what fits into a test run.

use hm_gossip::MemberState;

use crate::crowd::{BAD, endure};
use crate::world::{World, ms};

const NODES: usize = 300;

#[test]
fn hundreds_of_nodes_in_bad_weather() {
    let mut world = World::joined(NODES, 1);
    world.run(ms(20_000));
    let report = endure(&mut world, NODES, BAD, ms(120_000));
    assert_eq!(report.false_alarms.len(), 0, "{:?}", report.false_alarms);
    let traffic = report.sent_per_second + report.received_per_second;
    assert!(traffic <= 3_000.0, "{report:?}");
    assert!(report.pauses > 400, "{report:?}");
    assert!(
        report.suspicions > 100,
        "the weather was not bad: {report:?}"
    );
    // In the same weather, deaths are noticed.
    for victim in [10, 150, 290] {
        world.kill(victim);
        let took = world.run_until(ms(6_000), |world| {
            (0..NODES)
                .filter(|node| world.is_running(*node))
                .all(|node| world.state(node, victim) == Some(MemberState::Down))
        });
        assert!(took.is_some(), "not all know that {victim} is down");
    }
}

#[test]
fn a_broken_network_grows_together_again() {
    let mut world = World::joined(100, 2);
    let (some, others): (Vec<usize>, Vec<usize>) = (0..100).partition(|node| node % 3 == 0);
    world.part(&some, &others);
    let apart = world.run_until(ms(60_000), |world| {
        some.iter()
            .all(|node| world.sees_alive(*node) == some.len() - 1)
            && others
                .iter()
                .all(|node| world.sees_alive(*node) == others.len() - 1)
    });
    assert!(apart.is_some(), "the parts did not notice");
    world.run(ms(60_000));
    world.cut.clear();
    let together = world.run_until(ms(60_000), |world| {
        (0..100).all(|node| world.sees_alive(node) == 99)
    });
    println!("apart after {apart:?}, together after {together:?}");
    assert!(together.is_some(), "{:?}", world.strangers());
}
