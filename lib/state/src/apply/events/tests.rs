use hm_model::{Actor, Code, Event, EventKind, Namespace, ObjectKind, ObjectRef, Timestamp};

use super::super::Step;
use super::{KEEP, KEEP_PER_NAMESPACE};
use crate::state::State;
use crate::table::Moment;

/// One event in a namespace; nothing that happens so far tells any.
fn tell(state: &mut State, namespace: Option<&Namespace>, time: Timestamp) -> usize {
    let mut step = Step {
        now: Moment { revision: 1, time },
        actor: &Actor::CLUSTER,
        expected_generation: None,
        changes: Vec::new(),
    };
    let event = Event {
        time,
        kind: EventKind::Normal,
        object: ObjectRef::new(ObjectKind::App, &"web"),
        reason: Code::new("told"),
        message: String::new(),
        node: None,
    };
    state.tell(namespace.cloned(), event, &mut step);
    step.changes.len()
}

fn count(state: &State, namespace: Option<&Namespace>) -> usize {
    let keys = state.events.iter().map(|(key, _)| key);
    keys.filter(|key| key.namespace.as_ref() == namespace)
        .count()
}

#[test]
fn namespaces_do_not_push_out_each_other() {
    let mut state = State::default();
    let (shop, lab): (Namespace, Namespace) = ("shop".parse().unwrap(), "lab".parse().unwrap());
    let now = Timestamp::UNIX_EPOCH;
    for namespace in [Some(&shop), None, Some(&lab)] {
        for _ in 0..KEEP_PER_NAMESPACE {
            assert_eq!(tell(&mut state, namespace, now), 1);
        }
    }
    assert_eq!(tell(&mut state, Some(&lab), now), 2, "one came, one went");
    for namespace in [Some(&shop), None, Some(&lab)] {
        assert_eq!(count(&state, namespace), KEEP_PER_NAMESPACE);
        assert_eq!(
            state.events_in.get(&namespace.cloned()),
            Some(&KEEP_PER_NAMESPACE)
        );
    }
    let later = now
        .saturating_add(KEEP)
        .saturating_add(hm_model::Span::from_millis(1));
    assert_eq!(tell(&mut state, None, later), KEEP_PER_NAMESPACE + 1);
    assert_eq!(
        (count(&state, None), count(&state, Some(&shop))),
        (1, KEEP_PER_NAMESPACE)
    );
}

#[test]
fn events_go_with_their_namespace() {
    let mut state = State::default();
    let (shop, lab): (Namespace, Namespace) = ("shop".parse().unwrap(), "lab".parse().unwrap());
    let now = Timestamp::UNIX_EPOCH;
    for namespace in [Some(&shop), Some(&lab), None, Some(&shop)] {
        tell(&mut state, namespace, now);
    }
    let mut step = Step {
        now: Moment {
            revision: 2,
            time: now,
        },
        actor: &Actor::CLUSTER,
        expected_generation: None,
        changes: Vec::new(),
    };
    state.forget_all_events(&shop, &mut step);
    assert_eq!(step.changes.len(), 2);
    assert_eq!(count(&state, Some(&shop)), 0);
    assert_eq!((count(&state, Some(&lab)), count(&state, None)), (1, 1));
    assert_eq!(state.events_in.get(&Some(shop)), None);
}
