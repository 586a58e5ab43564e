//! Events.

use std::collections::BTreeMap;

use hm_api::Problem;
use hm_api::event::{Event, EventKind, EventQuery};
use hm_api::list::List;
use hm_model::{Event as ModelEvent, EventKind as ModelKind};
use hm_state::{EventKey, State};

use super::answer::Reply;
use super::call::Call;
use super::page::Page;

pub(super) fn list(state: &State, call: &Call) -> Result<Reply, Problem> {
    let query: EventQuery = call.query()?;
    let page: Page<u64> = Page::asked(query.limit, query.next.as_deref())?;
    // The table is in the order of namespaces; people want the order in which things happened.
    let by_number: BTreeMap<u64, Event> = state
        .events()
        .iter()
        .filter(|(key, _)| page.after.is_none_or(|after| key.number > after))
        .filter(|(key, _)| {
            query
                .namespace
                .as_deref()
                .is_none_or(|wanted| key.namespace.as_ref().is_some_and(|n| n.as_str() == wanted))
        })
        .map(|(key, record)| (key.number, event(key, &record.value)))
        .collect();
    let events = by_number.into_iter();
    let list: List<Event> = page.of(events, state.revision());
    Reply::json(&list)
}

pub(super) fn event(key: &EventKey, event: &ModelEvent) -> Event {
    Event {
        time: event.time,
        kind: match event.kind {
            ModelKind::Normal => EventKind::Normal,
            ModelKind::Warning => EventKind::Warning,
        },
        namespace: key.namespace.as_ref().map(ToString::to_string),
        object: event.object.to_string(),
        reason: event.reason.to_string(),
        message: event.message.clone(),
        node: event.node,
    }
}
