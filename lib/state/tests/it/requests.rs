//! The table of answered requests: a retry gets the first answer, whoever leads by then, and the table stays bounded.

use hm_model::Span;
use hm_state::{Entry, Reply};

use crate::log::{Log, contents, restored};
use crate::objects::{deployed, namespace};

const KEPT: u128 = 16_384;

fn create(name: &str) -> Entry {
    Entry::CreateNamespace(namespace(name))
}

#[test]
fn a_retry_gets_the_first_answer() {
    let mut log = Log::founded();
    let asked = log.requested(7, create("shop"));
    let first = log.apply(&asked);
    assert!(matches!(first, Reply::Done(done) if done.generation == Some(1)));
    log.done(deployed("shop/web", 1, vec![]));
    let before = contents(&log.state);
    log.changes.clear();
    assert_eq!(log.apply(&asked), first);
    // Even when it would be refused by now, or asks for something else.
    log.later(Span::from_secs(60));
    assert_eq!(
        log.apply(&log.requested(7, Entry::DeleteNamespace(namespace("shop")))),
        first
    );
    assert_eq!(contents(&log.state), before);
    assert_eq!(log.changes, []);
    // Without an id it is another request.
    log.refused(create("shop"));
}

#[test]
fn a_refusal_is_an_answer_too() {
    let mut log = Log::founded();
    let asked = log.requested(7, deployed("shop/web", 1, vec![]));
    let first = log.apply(&asked);
    assert!(matches!(first, Reply::Refused(_)));
    log.done(create("shop"));
    assert_eq!(log.apply(&asked), first);
    assert!(log.state.apps().is_empty());
}

#[test]
fn a_snapshot_carries_the_answers() {
    let mut log = Log::founded();
    let asked = log.requested(7, create("shop"));
    let first = log.apply(&asked);
    log.state = restored(&log.state);
    assert_eq!(log.apply(&asked), first);
}

#[test]
fn answers_are_forgotten_after_ten_minutes() {
    let mut log = Log::founded();
    let asked = log.requested(7, create("shop"));
    let first = log.apply(&asked);
    log.later(Span::from_secs(600));
    log.apply(&log.requested(8, create("b")));
    assert_eq!(log.apply(&asked), first, "not yet");
    log.later(Span::from_millis(1));
    log.apply(&log.requested(9, create("c")));
    log.state = restored(&log.state);
    assert_ne!(log.apply(&asked), first);
}

#[test]
fn no_more_than_so_many_answers_are_kept() {
    let mut log = Log::founded();
    let ask = |log: &Log, request| log.requested(request, create("shop"));
    // Straight to `apply`: the checks around it cost too much for so many.
    let apply = |log: &mut Log, request| {
        let envelope = ask(log, request);
        log.state.apply(log.state.revision() + 1, &envelope).reply
    };
    let first = apply(&mut log, 0);
    let second = apply(&mut log, 1);
    for request in 2..KEPT {
        apply(&mut log, request);
    }
    assert_eq!(apply(&mut log, 0), first, "the table is just full");
    apply(&mut log, KEPT);
    log.state = restored(&log.state);
    assert_eq!(apply(&mut log, 1), second);
    assert_ne!(apply(&mut log, 0), first, "the oldest made room");
}
