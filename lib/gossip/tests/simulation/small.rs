//! Clusters of a few nodes.

use std::time::Duration;

use hm_gossip::{Core, KeyRing, MemberState, Options};
use rand::RngExt;

use crate::world::{Pause, World, ms};

fn everyone_but(size: usize, absent: usize) -> impl Iterator<Item = usize> {
    (0..size).filter(move |node| *node != absent)
}

fn all_see(world: &World, size: usize, about: usize, state: MemberState) -> bool {
    everyone_but(size, about).all(|node| world.state(node, about) == Some(state))
}

fn all_alive(world: &World, size: usize) -> bool {
    (0..size).all(|node| world.sees_alive(node) == size - 1)
}

/// Everyone that was called down, since the changes were last cleared.
fn called_down(world: &World) -> Vec<(usize, usize)> {
    let down = world
        .changes
        .iter()
        .filter(|change| change.member.state == MemberState::Down);
    down.map(|change| (change.observer, change.about)).collect()
}

#[test]
fn everyone_meets_everyone() {
    for size in [1, 2, 3, 5, 10, 40] {
        let world = World::joined(size, size as u64);
        assert!(
            world.now < ms(5_000),
            "{size} nodes met after {:?}",
            world.now
        );
    }
}

/// Kills and restarts, 334 times for each size.
fn deaths(loss: f64, seed: u64) -> Duration {
    let mut worst = Duration::ZERO;
    for size in [3, 5, 10] {
        let mut world = World::joined(size, seed + size as u64);
        world.loss = loss;
        for attempt in 0..334 {
            let pause = world.random().random_range(3_000..5_000);
            world.run(ms(pause));
            let victim = world.random().random_range(0..size);
            world.kill(victim);
            let took = world.run_until(ms(4_000), |world| {
                all_see(world, size, victim, MemberState::Down)
            });
            let took = took.unwrap_or_else(|| panic!("{size} nodes, try {attempt}: not down"));
            assert!(took <= ms(3_000), "{size} nodes, try {attempt}: {took:?}");
            worst = worst.max(took);
            assert!(
                called_down(&world)
                    .iter()
                    .all(|(_, about)| *about == victim)
            );
            world.changes.clear();
            world.start(victim);
            world.announce(victim, (victim + 1) % size);
            let back = world.run_until(ms(2_000), |world| all_alive(world, size));
            assert!(
                back.is_some(),
                "{size} nodes, try {attempt}: {:?}",
                world.strangers()
            );
        }
    }
    worst
}

#[test]
fn a_dead_node_is_down_for_all_within_three_seconds() {
    println!("down for all after at most {:?}", deaths(0.0, 100));
}

#[test]
fn also_when_datagrams_are_lost() {
    println!("down for all after at most {:?}", deaths(0.02, 200));
}

#[test]
fn a_quick_restart_is_no_death() {
    for size in [2, 3, 10] {
        let mut world = World::joined(size, 300 + size as u64);
        for attempt in 0..50 {
            world.run(ms(2_000));
            world.changes.clear();
            world.kill(1);
            world.run(ms(attempt * 30));
            world.start(1);
            world.announce(1, 0);
            let generation = world.core(1).members().own().generation;
            let seen = world.run_until(ms(2_000), |world| {
                all_alive(world, size)
                    && everyone_but(size, 1).all(|node| {
                        let member = world.core(node).members().get(World::id(1));
                        member.is_some_and(|member| member.generation == generation)
                    })
            });
            assert!(
                seen.is_some(),
                "{size} nodes, try {attempt}: {:?}",
                world.strangers()
            );
            assert_eq!(called_down(&world), [], "{size} nodes, try {attempt}");
        }
    }
}

#[test]
fn a_clock_that_went_backwards_does_not_lock_a_node_out() {
    let mut world = World::joined(3, 4);
    world.kill(2);
    world.run(ms(5_000));
    // All know generation 1,000 as down, and this one is older.
    world.start_as(2, 17);
    world.announce(2, 0);
    let back = world.run_until(ms(2_000), |world| all_alive(world, 3));
    assert!(back.is_some(), "{:?}", world.strangers());
    assert_eq!(world.core(2).members().own().generation, 1_001);
}

#[test]
fn who_leaves_has_left_and_is_never_down() {
    for (size, loss) in [
        (2, 0.0),
        (3, 0.0),
        (10, 0.0),
        (3, 0.05),
        (10, 0.05),
        (40, 0.05),
    ] {
        let mut world = World::joined(size, 500 + size as u64);
        world.loss = loss;
        world.run(ms(3_000));
        world.leave(1);
        let known = world.run_until(ms(2_000), |world| {
            all_see(world, size, 1, MemberState::Left)
        });
        assert!(known.is_some(), "{size} nodes, loss {loss}");
        world.run(ms(10_000));
        assert!(
            all_see(&world, size, 1, MemberState::Left),
            "{size} nodes, loss {loss}"
        );
        assert_eq!(called_down(&world), [], "{size} nodes, loss {loss}");
        assert_eq!(world.core(1).poll_timeout(), None, "the farewell ends");
    }
}

#[test]
fn short_pauses_are_forgiven() {
    for size in [2, 3, 5, 10] {
        for how in [Pause::Process, Pause::Machine] {
            let mut world = World::joined(size, 600 + size as u64);
            world.loss = 0.02;
            for attempt in 0..200 {
                let pause = world.random().random_range(2_000..3_000);
                world.run(ms(pause));
                let node = world.random().random_range(0..size);
                world.pause(node, ms(1_500), how);
                world.run(ms(1_500));
                assert_eq!(
                    called_down(&world),
                    [],
                    "{size} nodes, try {attempt}, {how:?}"
                );
            }
            world.run(ms(5_000));
            assert_eq!(called_down(&world), [], "{size} nodes, {how:?}");
            assert!(all_alive(&world, size), "{size} nodes, {how:?}");
        }
    }
}

#[test]
fn who_was_paused_for_long_accuses_nobody_and_returns() {
    for size in [2, 3, 5, 10, 40] {
        for how in [Pause::Process, Pause::Machine] {
            let mut world = World::joined(size, 700 + size as u64);
            world.run(ms(3_000));
            world.pause(0, ms(10_000), how);
            world.run(ms(9_990));
            assert!(
                all_see(&world, size, 0, MemberState::Down),
                "{size} nodes, {how:?}"
            );
            world.changes.clear();
            let back = world.run_until(ms(3_500), |world| all_alive(world, size));
            assert!(
                back.is_some(),
                "{size} nodes, {how:?}: {:?}",
                world.strangers()
            );
            world.run(ms(10_000));
            assert_eq!(called_down(&world), [], "{size} nodes, {how:?}");
            assert!(world.core(0).statistics().late > 0);
        }
    }
}

#[test]
fn suspicion_is_visible_before_the_verdict() {
    let mut world = World::joined(5, 8);
    world.kill(3);
    world.run(ms(5_000));
    for observer in everyone_but(5, 3) {
        let mine = world
            .changes
            .iter()
            .filter(|change| change.observer == observer);
        let states: Vec<MemberState> = mine.map(|change| change.member.state).collect();
        assert_eq!(
            states,
            [MemberState::Suspect, MemberState::Down],
            "{observer}"
        );
        let member = world.core(observer).members().get(World::id(3)).unwrap();
        let last = world
            .changes
            .iter()
            .rfind(|change| change.observer == observer)
            .unwrap();
        assert_eq!(member.since, last.at);
    }
}

#[test]
fn parts_of_a_broken_network_find_together_again() {
    for (size, split) in [(2, 1), (3, 1), (4, 2), (5, 2), (10, 5), (10, 1)] {
        let mut world = World::joined(size, 900 + size as u64);
        let some: Vec<usize> = (0..split).collect();
        let others: Vec<usize> = (split..size).collect();
        world.part(&some, &others);
        world.run(ms(20_000));
        for (mine, theirs) in [(&some, &others), (&others, &some)] {
            for a in mine {
                for b in theirs {
                    assert_eq!(
                        world.state(*a, *b),
                        Some(MemberState::Down),
                        "{split} of {size}"
                    );
                }
            }
        }
        world.cut.clear();
        let together = world.run_until(ms(10_000), |world| all_alive(world, size));
        assert!(
            together.is_some(),
            "{split} of {size}: {:?}",
            world.strangers()
        );
    }
}

/// It can send but hears nothing: all others are silent for it, and they believe what it says.
#[test]
fn the_deaf_accuse_nobody() {
    for size in [3, 5, 10] {
        let mut world = World::joined(size, 1_000 + size as u64);
        for other in 1..size {
            world.cut.insert((other, 0));
        }
        world.run(ms(20_000));
        for observer in 1..size {
            for about in (1..size).filter(|about| *about != observer) {
                assert_eq!(
                    world.state(observer, about),
                    Some(MemberState::Alive),
                    "{size} nodes"
                );
            }
        }
        // From where it stands, all are gone.
        assert_eq!(world.sees_alive(0), 0, "{size} nodes");
        world.cut.clear();
        let back = world.run_until(ms(10_000), |world| all_alive(world, size));
        assert!(back.is_some(), "{size} nodes: {:?}", world.strangers());
    }
}

/// Two nodes that cannot talk to each other, in a network that otherwise works: others vouch for them.
#[test]
fn a_broken_line_is_no_death() {
    let mut world = World::joined(5, 11);
    world.part(&[0], &[1]);
    world.run(ms(60_000));
    assert_eq!(called_down(&world), []);
}

#[test]
fn keys_can_be_changed_on_a_running_cluster() {
    let (old, new) = ([7; 32], [8; 32]);
    let mut world = World::joined(5, 12);
    for ring in [
        KeyRing::new(old, [new]),
        KeyRing::new(new, [old]),
        KeyRing::new(new, []),
    ] {
        for node in 0..5 {
            world.set_keys(node, ring.clone());
            world.run(ms(700));
        }
        world.run(ms(5_000));
    }
    assert_eq!(called_down(&world), []);
    assert!(all_alive(&world, 5));
    // Who still has the old key is not heard.
    world.kill(4);
    world.start(4);
    world.announce(4, 0);
    world.run(ms(10_000));
    assert_eq!(world.sees_alive(4), 0);
    assert!(world.core(0).statistics().dropped.key > 0);
}

#[test]
fn alone_means_asleep() {
    let mut world = World::new(1, 13);
    world.start(0);
    assert_eq!(world.core(0).poll_timeout(), None);
    // Nobody answers at the seed: asked again, ever more seldom.
    world.announce(0, 0);
    let options = Options::new(
        World::id(1),
        1,
        World::address(1),
        KeyRing::new([7; 32], []),
    );
    let mut core = Core::new(options, [0; 32], ms(0)).unwrap();
    core.announce(World::address(0), ms(0));
    let mut wakes = 0;
    while let Some(at) = core.poll_timeout().filter(|at| *at < ms(600_000)) {
        core.handle_timeout(at);
        wakes += 1;
    }
    assert!((50..80).contains(&wakes), "{wakes} in ten minutes");
}

#[test]
fn three_idle_nodes_say_little() {
    let mut world = World::joined(3, 14);
    world.run(ms(120_000));
    let before = world.core(0).statistics();
    world.run(ms(600_000));
    let after = world.core(0).statistics();
    let sent = (after.datagrams_out - before.datagrams_out) as f64 / 600.0;
    // Two pairs, one exchange per half second each.
    assert!((3.5..4.5).contains(&sent), "{sent} datagrams a second");
}

#[test]
fn the_same_seed_is_the_same_story() {
    let story = |seed| {
        let mut world = World::joined(6, seed);
        world.loss = 0.1;
        world.run(ms(5_000));
        world.kill(2);
        world.pause(4, ms(4_000), Pause::Process);
        world.run(ms(20_000));
        format!("{:?}", world.changes)
    };
    assert_eq!(story(1), story(1));
    assert_ne!(story(1), story(2));
}
