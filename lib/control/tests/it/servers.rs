//! Which nodes vote.

use hm_control::{Gossip, wanted_count};
use hm_model::{Eligibility, NodeState, Span};
use hm_state::Entry;

use crate::world::{World, id, ids};

const JUST_BEFORE: Span = Span::from_millis(29_999);
const MILLISECOND: Span = Span::from_millis(1);

/// Longer than any stream takes to be missed.
fn dies(world: &mut World, number: u64) {
    world.dies(number);
    world.later(Span::from_millis(1250)).settle();
    assert_eq!(world.state_of(number), NodeState::Down);
}

#[test]
fn as_many_as_the_size_asks_for() {
    let counts: Vec<usize> = (0..8).map(wanted_count).collect();
    assert_eq!(counts, [1, 1, 1, 3, 3, 5, 5, 5]);
    for (nodes, servers) in [
        (1, vec![1]),
        (2, vec![1]),
        (3, vec![1, 2, 3]),
        (4, vec![1, 2, 3]),
        (5, vec![1, 2, 3, 4, 5]),
        (7, vec![1, 2, 3, 4, 5]),
    ] {
        assert_eq!(World::of(nodes).servers(), servers);
    }
}

#[test]
fn only_nodes_that_are_there_become_servers() {
    let mut world = World::of(2);
    world.join(3, Eligibility::Auto);
    world.settle();
    assert_eq!(world.servers(), [1], "it joined, but nobody has seen it");
    world.gossip(3, Some(Gossip::Alive));
    world.settle();
    assert_eq!(world.servers(), [1], "its agent is silent");
    world.heard(3);
    world.settle();
    assert_eq!(world.servers(), [1, 2, 3]);
}

#[test]
fn an_even_number_waits_for_the_odd_one() {
    let mut world = World::of(4);
    world.join(5, Eligibility::Auto);
    world.settle();
    assert_eq!(
        world.servers(),
        [1, 2, 3],
        "five nodes, but the fifth is not there yet"
    );
    world.up(5);
    world.settle();
    assert_eq!(world.servers(), [1, 2, 3, 4, 5]);
}

#[test]
fn agents_only_are_never_chosen_nor_counted() {
    let mut world = World::of(2);
    for number in [3, 4] {
        world.join(number, Eligibility::AgentOnly);
        world.up(number);
    }
    world.settle();
    assert_eq!(world.servers(), [1], "two nodes could serve");
    world.join(5, Eligibility::Auto);
    world.up(5);
    world.settle();
    assert_eq!(world.servers(), [1, 2, 5]);
    // Nor do they replace anyone.
    dies(&mut world, 5);
    world.later(Span::from_secs(60)).settle();
    assert_eq!(world.servers(), [1, 2, 5]);
}

#[test]
fn a_lost_server_is_replaced_after_thirty_seconds() {
    let mut world = World::of(4);
    dies(&mut world, 2);
    assert_eq!(world.servers(), [1, 2, 3]);
    assert_eq!(world.wakes_in(), Some(Span::from_secs(30)));
    world.later(JUST_BEFORE).settle();
    assert_eq!(world.servers(), [1, 2, 3]);
    assert_eq!(world.wakes_in(), Some(MILLISECOND));
    world.later(MILLISECOND).settle();
    assert_eq!(world.servers(), [1, 3, 4]);
    assert_eq!(world.wakes_in(), None);
    // Back again, it is one more that could serve.
    world.up(2);
    world.settle();
    assert_eq!(world.servers(), [1, 3, 4]);
    assert_eq!(world.state_of(2), NodeState::Ready);
}

#[test]
fn a_reboot_costs_no_seat() {
    let mut world = World::of(4);
    dies(&mut world, 2);
    world.later(JUST_BEFORE).up(2);
    world.settle();
    // The next absence counts from its own beginning.
    dies(&mut world, 2);
    world.later(JUST_BEFORE).settle();
    assert_eq!(world.servers(), [1, 2, 3]);
}

#[test]
fn a_restart_in_good_order_costs_no_seat_either() {
    let mut world = World::of(3);
    world.gossip(2, Some(Gossip::Left));
    world.settle();
    assert_eq!(world.state_of(2), NodeState::Left);
    world.later(JUST_BEFORE).settle();
    assert_eq!(world.servers(), [1, 2, 3]);
    world.up(2);
    world.settle();
    assert_eq!(world.servers(), [1, 2, 3]);
}

#[test]
fn a_lost_server_keeps_its_seat_while_nobody_can_take_it() {
    let mut world = World::of(3);
    dies(&mut world, 3);
    world.later(Span::from_secs(3600)).settle();
    assert_eq!(world.servers(), [1, 2, 3]);
    assert_eq!(world.wakes_in(), None);
    world.join(4, Eligibility::Auto);
    world.up(4);
    world.settle();
    assert_eq!(world.servers(), [1, 2, 4]);
}

#[test]
fn of_two_lost_servers_one_is_replaced_when_one_can_serve() {
    let mut world = World::of(6);
    dies(&mut world, 2);
    dies(&mut world, 3);
    world.later(Span::from_secs(60)).settle();
    assert_eq!(world.servers(), [1, 2, 4, 5, 6]);
}

#[test]
fn servers_become_fewer_when_nodes_leave() {
    let mut world = World::of(5);
    for (leaves, servers) in [(2, vec![1, 3, 4]), (5, vec![1, 3, 4]), (3, vec![1])] {
        world.gossip(leaves, Some(Gossip::Left));
        world.settle();
        world.later(Span::from_secs(30)).settle();
        assert_eq!(world.servers(), servers, "after {leaves} left");
    }
}

#[test]
fn a_dead_server_that_is_removed_makes_the_cluster_smaller() {
    let mut world = World::of(3);
    dies(&mut world, 2);
    world.agree(Entry::RemoveNode(id(2)));
    world.settle();
    assert_eq!(world.servers(), [1]);
}

#[test]
fn the_leader_is_always_one_of_them() {
    let mut world = World::of(4);
    world.led_by(4);
    for number in [1, 2, 3] {
        world.up(number);
    }
    world.settle();
    assert_eq!(world.servers(), [1, 2, 4]);
}

#[test]
fn a_healthy_server_goes_before_one_that_is_away() {
    let mut world = World::of(5);
    dies(&mut world, 2);
    world.later(Span::from_secs(60));
    dies(&mut world, 3);
    // Long gone, and the cluster is of four now: of the others, 3 is the one that is away.
    world.agree(Entry::ChooseServers(ids(&[1, 3, 4, 5])));
    world.agree(Entry::RemoveNode(id(2)));
    world.settle();
    assert_eq!(world.servers(), [1, 4, 5]);
}

#[test]
fn a_leader_that_was_removed_plans_no_servers() {
    let mut world = World::of(2);
    world.led_by(9);
    world.up(1);
    assert_eq!(world.step().entries, []);
}
