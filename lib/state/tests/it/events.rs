//! Events: told in order, bounded by number and by age.

use hm_model::{NodeState, Span};
use hm_state::{Entry, Verdict};

use crate::log::{Log, contents, restored};
use crate::objects::id;

fn judge(log: &mut Log, state: NodeState) {
    let verdict = Verdict {
        node: id(2),
        state,
        reason: "of the test".to_owned(),
    };
    let envelope = log.envelope(Entry::JudgeNodes(vec![verdict]));
    log.state.apply(log.state.revision() + 1, &envelope);
}

/// So many events, one each.
fn tell(log: &mut Log, events: usize) {
    for _ in 0..events {
        let state = log.state.nodes().value(&id(2)).unwrap().state;
        let other = if state == NodeState::Ready {
            NodeState::Down
        } else {
            NodeState::Ready
        };
        judge(log, other);
    }
}

fn numbers(log: &Log) -> (u64, u64, usize) {
    let mut keys = log.state.events().iter().map(|(key, _)| key.number);
    let first = keys.next().unwrap();
    (
        first,
        keys.last().unwrap_or(first),
        log.state.events().len(),
    )
}

#[test]
fn the_last_thousand_are_kept() {
    let mut log = Log::of_nodes(2);
    let (_, last, count) = numbers(&log);
    assert_eq!((last, count), (2, 2), "created, joined");
    tell(&mut log, 998);
    assert_eq!(numbers(&log), (1, 1_000, 1_000));
    tell(&mut log, 1);
    assert_eq!(numbers(&log), (2, 1_001, 1_000));
    log.state = restored(&log.state);
    tell(&mut log, 10);
    assert_eq!(
        numbers(&log),
        (12, 1_011, 1_000),
        "a restored state counts them too"
    );
}

#[test]
fn none_is_kept_longer_than_a_day_when_another_comes() {
    let mut log = Log::of_nodes(2);
    log.later(Span::from_secs(24 * 3600));
    judge(&mut log, NodeState::Down);
    assert_eq!(numbers(&log), (1, 3, 3), "a day is not longer than a day");
    log.later(Span::from_millis(1));
    judge(&mut log, NodeState::Ready);
    assert_eq!(numbers(&log), (3, 4, 2));
    let before = contents(&log.state);
    log.later(Span::from_secs(7 * 24 * 3600));
    judge(&mut log, NodeState::Ready);
    assert_eq!(
        contents(&log.state),
        before,
        "nothing happened, nothing is written"
    );
}
