//! Events: what happened, for people. Kept in the state, bounded by age and by number in each namespace.

use hm_model::{Code, Event, EventKind, Namespace, NodeId, ObjectKind, ObjectRef, Span};

use super::Step;
use crate::change::Change;
use crate::object::{EventKey, Key};
use crate::state::State;
use crate::table::Record;

const KEEP: Span = Span::from_secs(24 * 3600);
const KEEP_PER_NAMESPACE: usize = 1_000;

/// What an event says.
pub(super) struct News {
    kind: EventKind,
    reason: Code,
    message: String,
}

impl News {
    pub(super) fn normal(reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind: EventKind::Normal,
            reason: Code::new(reason),
            message: message.into(),
        }
    }

    pub(super) fn warning(reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind: EventKind::Warning,
            reason: Code::new(reason),
            message: message.into(),
        }
    }
}

impl State {
    /// Something happened to a node. Nodes belong to no namespace.
    pub(super) fn tell_of_node(&mut self, node: NodeId, news: News, step: &mut Step<'_>) {
        let event = Event {
            time: step.now.time,
            kind: news.kind,
            object: ObjectRef::new(ObjectKind::Node, &node),
            reason: news.reason,
            message: news.message,
            node: Some(node),
        };
        self.tell(None, event, step);
    }

    fn tell(&mut self, namespace: Option<Namespace>, event: Event, step: &mut Step<'_>) {
        self.events_told = self.events_told.saturating_add(1);
        let key = EventKey {
            namespace,
            number: self.events_told,
        };
        self.events.put(key.clone(), event, step.now);
        *self.events_in.entry(key.namespace.clone()).or_default() += 1;
        self.forget_events(&key.namespace, step);
        step.changed(Change::of(Key::Event(key)));
    }

    /// What happened in a namespace goes with it.
    pub(super) fn forget_all_events(&mut self, namespace: &Namespace, step: &mut Step<'_>) {
        let namespace = Some(namespace.clone());
        while let Some(key) = self.oldest_event(&namespace).map(|(key, _)| key.clone()) {
            self.events.remove(&key);
            step.changed(Change::of(Key::Event(key)));
        }
        self.events_in.remove(&namespace);
    }

    fn oldest_event(&self, namespace: &Option<Namespace>) -> Option<(&EventKey, &Record<Event>)> {
        let first = EventKey {
            namespace: namespace.clone(),
            number: 0,
        };
        self.events
            .range(first..)
            .next()
            .filter(|(key, _)| key.namespace == *namespace)
    }

    /// Old ones go when a new one comes: no timer is needed, and a quiet cluster writes nothing.
    fn forget_events(&mut self, namespace: &Option<Namespace>, step: &mut Step<'_>) {
        while let Some((key, record)) = self.oldest_event(namespace) {
            let count = self.events_in.get(namespace).copied().unwrap_or(0);
            if count <= KEEP_PER_NAMESPACE && step.now.time.since(record.created_at) <= KEEP {
                return;
            }
            let key = key.clone();
            self.events.remove(&key);
            self.events_in
                .insert(namespace.clone(), count.saturating_sub(1));
            step.changed(Change::of(Key::Event(key)));
        }
    }
}

#[cfg(test)]
mod tests;
