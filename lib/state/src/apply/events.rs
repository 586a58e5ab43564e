//! Events: what happened, for people. Kept in the state, bounded by age and by number in each namespace.

use hm_model::{Code, Event, EventKind, Namespace, NodeId, ObjectKind, ObjectRef, Span};

use super::Step;
use crate::change::Change;
use crate::object::{EventKey, Key};
use crate::state::State;

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
        self.events_told += 1;
        let key = EventKey {
            namespace,
            number: self.events_told,
        };
        self.events.put(key.clone(), event, step.now);
        self.forget_events(&key.namespace, step);
        step.changed(Change::put(Key::Event(key)));
    }

    /// Old ones go when a new one comes: no timer is needed, and a quiet cluster writes nothing.
    fn forget_events(&mut self, namespace: &Option<Namespace>, step: &mut Step<'_>) {
        let first = EventKey {
            namespace: namespace.clone(),
            number: 0,
        };
        let here = || {
            self.events
                .range(first.clone()..)
                .take_while(|(key, _)| key.namespace == *namespace)
        };
        let too_many = here().count().saturating_sub(KEEP_PER_NAMESPACE);
        let gone: Vec<EventKey> = here()
            .enumerate()
            .take_while(|(place, (_, record))| {
                *place < too_many || step.now.time.since(record.created_at) > KEEP
            })
            .map(|(_, (key, _))| key.clone())
            .collect();
        for key in gone {
            self.events.remove(&key);
            step.changed(Change::deleted(Key::Event(key)));
        }
    }
}
