//! Which nodes are ready and which are down.

use hm_control::Gossip;
use hm_model::{Eligibility, NodeState, Span};

use crate::world::World;

const MILLISECOND: Span = Span::from_millis(1);

/// What is concluded about node 2, and when the leader looks again.
struct Case {
    before: NodeState,
    gossip: Option<Gossip>,
    /// How long ago its agent was heard.
    heard: Option<u64>,
    after: NodeState,
    wakes_in: Option<u64>,
}

fn case(before: NodeState, gossip: Option<Gossip>, heard: Option<u64>) -> Case {
    Case {
        before,
        gossip,
        heard,
        after: before,
        wakes_in: None,
    }
}

impl Case {
    fn becomes(self, after: NodeState) -> Self {
        Self { after, ..self }
    }

    fn wakes_in(self, millis: u64) -> Self {
        Self {
            wakes_in: Some(millis),
            ..self
        }
    }

    fn check(&self) {
        // The servers' own times are not of this table.
        let mut world = World::founded();
        world.join(2, Eligibility::AgentOnly);
        world.judged(2, self.before);
        world.later(Span::from_secs(60));
        world.gossip(2, self.gossip);
        if let Some(millis) = self.heard {
            world.heard(2);
            world.now = world.now.saturating_add(Span::from_millis(millis));
        }
        let what = format!(
            "{} with gossip {:?} and heard {:?} ms ago",
            self.before, self.gossip, self.heard
        );
        assert_eq!(
            world.wakes_in().map(Span::as_millis),
            self.wakes_in,
            "{what}"
        );
        world.step();
        assert_eq!(world.state_of(2), self.after, "{what}");
    }
}

#[test]
fn down_takes_both_gossip_and_silence() {
    use NodeState::{Down, Left, Ready, Suspect};
    let down = Some(Gossip::Down);
    for case in [
        case(Ready, down, Some(1250)).becomes(Down),
        case(Ready, down, None).becomes(Down),
        case(Suspect, down, Some(1250)).becomes(Down),
        // Its agent was heard just now: look again when that is old.
        case(Ready, down, Some(0)).wakes_in(1250),
        case(Ready, down, Some(1249)).wakes_in(1),
        // Silence alone: it may be on its way to another server.
        case(Ready, Some(Gossip::Alive), None),
        case(Ready, Some(Gossip::Alive), Some(60_000)),
        case(Ready, Some(Gossip::Suspect), Some(60_000)),
        // Unknown to gossip and silent for long.
        case(Ready, None, None).becomes(Down),
        case(Ready, None, Some(60_000)).becomes(Down),
        case(Ready, None, Some(250)).wakes_in(1000),
        // There is nothing to conclude.
        case(Down, down, None),
        case(Down, None, None),
        case(Down, None, Some(0)),
        case(Down, Some(Gossip::Alive), None),
        // What went in good order does not die afterwards.
        case(Left, down, None),
        case(Left, None, None),
    ] {
        case.check();
    }
}

#[test]
fn ready_takes_both_gossip_and_a_stream() {
    use NodeState::{Down, Left, Ready, Suspect};
    for gossip in [Gossip::Alive, Gossip::Suspect].map(Some) {
        for before in [Down, Left, Suspect] {
            case(before, gossip, Some(0)).becomes(Ready).check();
            case(before, gossip, Some(1249)).becomes(Ready).check();
            case(before, gossip, Some(1250)).check();
        }
        case(Ready, gossip, Some(0)).check();
    }
    case(Down, Some(Gossip::Down), Some(0)).check();
}

#[test]
fn who_says_goodbye_has_left() {
    use NodeState::{Down, Left, Ready, Suspect};
    for before in [Ready, Suspect, Down] {
        for heard in [None, Some(0)] {
            case(before, Some(Gossip::Left), heard)
                .becomes(Left)
                .check();
        }
    }
    case(Left, Some(Gossip::Left), None).check();
}

#[test]
fn the_leader_is_always_ready() {
    for state in [NodeState::Down, NodeState::Left, NodeState::Suspect] {
        let mut world = World::founded();
        world.judged(1, state);
        world.dies(1);
        world.step();
        assert_eq!(world.state_of(1), NodeState::Ready);
    }
}

#[test]
fn a_new_leader_does_not_take_its_own_ignorance_for_silence() {
    let mut world = World::of(3);
    world.later(Span::from_secs(100)).led_by(2);
    // Gossip is quick to know, but streams that go to other servers are told of only twice a second.
    world.gossip(1, Some(Gossip::Down));
    world.gossip(3, None);
    assert_eq!(world.step().entries, []);
    assert_eq!(world.wakes_in(), Some(Span::from_millis(1250)));
    world.later(Span::from_millis(1250)).settle();
    assert_eq!(world.state_of(1), NodeState::Down);
    assert_eq!(world.state_of(3), NodeState::Ready);
    world.later(Span::from_millis(4749));
    assert_eq!(world.step().entries, []);
    assert_eq!(world.wakes_in(), Some(MILLISECOND));
    world.later(MILLISECOND).settle();
    assert_eq!(world.state_of(3), NodeState::Down);
}

#[test]
fn a_new_node_has_time_to_be_seen() {
    let mut world = World::of(2);
    world
        .later(Span::from_secs(3600))
        .join(3, Eligibility::Auto);
    assert_eq!(world.step().entries, []);
    assert_eq!(world.wakes_in(), Some(Span::from_secs(6)));
    world.later(Span::from_millis(5999));
    assert_eq!(world.step().entries, []);
    world.later(MILLISECOND).settle();
    assert_eq!(world.state_of(3), NodeState::Down);
    world.up(3);
    world.settle();
    assert_eq!(world.state_of(3), NodeState::Ready);
}
