//! Join tokens: they expire, are used up, and can be revoked.

use hm_model::{Span, TokenId};
use hm_state::{Entry, Kind, Refused};

use crate::log::Log;
use crate::objects::{create_token, id, join_with, node, token};

fn reason(refused: Refused) -> String {
    let Refused::Token { reason } = refused else {
        panic!("{refused:?}");
    };
    reason
}

#[test]
fn a_token_is_spent_by_joining() {
    let mut log = Log::founded();
    assert_eq!(log.generation(create_token(token(2, Some(2)))), 1);
    log.done(join_with(node(2), 2));
    let record = log.state.tokens().get(&TokenId::from_u64(2)).unwrap();
    assert_eq!((record.value.uses_left, record.generation), (Some(1), 1));
    // A refused join spends nothing.
    log.refused(join_with(node(2), 2));
    log.done(join_with(node(3), 2));
    let spent = log.refused(join_with(node(4), 2));
    assert_eq!(reason(spent), "it was used as often as it may be");
    assert_eq!(log.state.nodes().len(), 3);
    // The other token has no such bound.
    log.done(join_with(node(4), 1));
    let unbounded = log.state.tokens().value(&TokenId::from_u64(1)).unwrap();
    assert_eq!(unbounded.uses_left, None);
}

#[test]
fn a_token_expires_at_its_moment() {
    let mut log = Log::founded();
    log.later(Span::from_millis(3_599_999))
        .done(join_with(node(2), 1));
    let expired = log
        .later(Span::from_millis(1))
        .refused(join_with(node(3), 1));
    assert_eq!(reason(expired), "it has expired");
}

#[test]
fn a_revoked_token_is_unknown() {
    let mut log = Log::founded();
    let one = TokenId::from_u64(1);
    let stale = log.refused_as(log.expecting(7, Entry::DeleteToken(one)));
    assert!(matches!(
        stale,
        Refused::GenerationMismatch {
            expected: 7,
            found: 1,
            ..
        }
    ));
    log.done(Entry::DeleteToken(one));
    assert_eq!(
        reason(log.refused(join_with(node(2), 1))),
        "it is unknown or was revoked"
    );
    let gone = log.refused(Entry::DeleteToken(one));
    assert!(matches!(
        gone,
        Refused::NotFound {
            kind: Kind::Token,
            ..
        }
    ));
    assert!(!log.state.nodes().contains(&id(2)));
}

#[test]
fn dead_tokens_go_when_the_next_one_comes() {
    let mut log = Log::founded();
    log.done(create_token(token(2, Some(1))));
    log.done(join_with(node(2), 2));
    let exists = log.refused(create_token(token(1, None)));
    assert!(matches!(
        exists,
        Refused::Exists {
            kind: Kind::Token,
            ..
        }
    ));
    assert_eq!(log.state.tokens().len(), 2);
    log.done(create_token(token(3, None)));
    let ids = |log: &Log| {
        log.state
            .tokens()
            .values()
            .map(|token| token.id.as_u64())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&log), [1, 3], "the used one went");
    log.later(Span::from_secs(3600))
        .done(create_token(token(4, None)));
    assert_eq!(ids(&log), [4], "the expired ones went");
}
