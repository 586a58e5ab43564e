//! Whatever the leader sees: every plan can be agreed on, is done with one round, and wakes when time alone tells more.

use hm_control::{Gossip, Sighting, wanted_count};
use hm_model::{Eligibility, NodeState, Span};
use hm_state::Entry;
use proptest::prelude::*;

use crate::world::{START, World, id, ids};

const NODES: std::ops::RangeInclusive<u64> = 1..=7;

/// What is so about a node, and what is seen of it.
#[derive(Clone, Debug)]
struct Fact {
    joined: bool,
    eligibility: Eligibility,
    state: NodeState,
    /// Before now, in milliseconds.
    state_since: u64,
    serves: bool,
    gossip: Option<Gossip>,
    heard: Option<u64>,
}

fn fact() -> impl Strategy<Value = Fact> {
    // Near the bounds that matter, and far from them.
    let before =
        || prop::sample::select(vec![0, 500, 1249, 1250, 5999, 6000, 29_999, 30_000, 90_000]);
    let gossip = prop::sample::select(vec![
        None,
        Some(Gossip::Alive),
        Some(Gossip::Alive),
        Some(Gossip::Suspect),
        Some(Gossip::Down),
        Some(Gossip::Left),
    ]);
    let eligibility = prop::sample::select(vec![
        Eligibility::Auto,
        Eligibility::Auto,
        Eligibility::AgentOnly,
    ]);
    let state = prop::sample::select(NodeState::ALL);
    let heard = prop::option::of(before());
    let joined = prop::bool::weighted(0.8);
    (
        joined,
        eligibility,
        state,
        before(),
        any::<bool>(),
        gossip,
        heard,
    )
        .prop_map(
            |(joined, eligibility, state, state_since, serves, gossip, heard)| Fact {
                joined,
                eligibility,
                state,
                state_since,
                serves,
                gossip,
                heard,
            },
        )
}

fn world() -> impl Strategy<Value = World> {
    (
        prop::collection::vec(fact(), 7),
        1..=7u64,
        prop::sample::select(vec![0, 1249, 1250, 5999, 6000, 90_000]),
    )
        .prop_map(|(facts, leader, leads_for)| build(&facts, leader, leads_for))
}

fn build(facts: &[Fact], leader: u64, leads_for: u64) -> World {
    let mut world = World::founded();
    let now = world.now;
    let ago = |millis| now.saturating_sub(Span::from_millis(millis));
    let mut servers = vec![1];
    let mut since = Vec::new();
    for (number, fact) in NODES.zip(facts) {
        world.now = START;
        if fact.joined && number != 1 {
            world.join(number, fact.eligibility);
            if fact.serves {
                servers.push(number);
            }
        }
        if fact.joined || number == 1 {
            // So that the verdict that follows is a change and sets the time.
            let other = if fact.state == NodeState::Down {
                NodeState::Ready
            } else {
                NodeState::Down
            };
            world.judged(number, other);
            since.push((std::cmp::Reverse(fact.state_since), number, fact.state));
        }
    }
    since.sort();
    for (before, number, state) in since {
        world.now = ago(before.0);
        world.judged(number, state);
    }
    world.now = now;
    world.agree(Entry::ChooseServers(ids(&servers)));
    let leader = if world.state.nodes().contains(&id(leader)) {
        leader
    } else {
        1
    };
    world.led_by(leader);
    world.observed.since = ago(leads_for);
    for (number, fact) in NODES.zip(facts) {
        let sighting = Sighting {
            gossip: fact.gossip,
            heard_at: fact.heard.map(ago),
        };
        world.observed.nodes.insert(id(number), sighting);
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// `World::step` checks that no entry is refused and that a second plan has none.
    #[test]
    fn one_round_is_enough(mut world in world()) {
        world.step();
        let servers = &world.state.servers().wanted;
        prop_assert_eq!(servers.len() % 2, 1);
        prop_assert!(servers.contains(&world.observed.leader));
        prop_assert!(servers.len() <= wanted_count(world.state.nodes().len()));
        for server in servers.iter().filter(|server| **server != world.observed.leader) {
            let node = world.state.nodes().value(server).unwrap();
            prop_assert_eq!(node.eligibility, Eligibility::Auto);
        }
    }

    /// Until then nothing changes, and waking goes on to something else.
    #[test]
    fn time_tells_nothing_before_the_plan_wakes(mut world in world()) {
        world.step();
        for _ in 0..20 {
            let wake_at = world.plan().wake_at;
            let last = wake_at.unwrap_or(world.now.saturating_add(Span::from_secs(100_000)));
            prop_assert!(last > world.now, "it wakes at once");
            let mut between = world.clone();
            for part in 1..8u64 {
                between.now = world.now.saturating_add(Span::from_millis(last.since(world.now).as_millis() * part / 8));
                prop_assert_eq!(between.plan().entries, []);
            }
            between.now = last.saturating_sub(Span::from_millis(1)).max(world.now);
            prop_assert_eq!(between.plan().entries, []);
            if wake_at.is_none() {
                return Ok(());
            }
            world.now = last;
            let plan = world.step();
            prop_assert!(plan.wake_at.is_none_or(|next| next > last), "it wakes again and again");
        }
        prop_assert!(false, "it never rests");
    }
}
