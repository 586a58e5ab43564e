//! A log being applied, and what can be asked of it in a test.

use hm_model::{Actor, NodeId, RequestId, Span, Timestamp, Via};
use hm_state::{Applied, Change, Done, Entry, Envelope, FORMAT, Refused, Reply, State};

use crate::objects::{START, create, create_token, join, node, token};

#[derive(Clone, Debug)]
pub(crate) struct Log {
    pub(crate) state: State,
    pub(crate) time: Timestamp,
    pub(crate) changes: Vec<Change>,
}

impl Log {
    pub(crate) fn empty() -> Self {
        Self {
            state: State::default(),
            time: START,
            changes: Vec::new(),
        }
    }

    /// A cluster of node 1, with token 1 good for any number of nodes.
    pub(crate) fn founded() -> Self {
        let mut log = Self::empty();
        log.done(create());
        log.done(create_token(token(1, None)));
        log
    }

    /// A cluster of nodes 1 to `nodes`.
    pub(crate) fn of_nodes(nodes: u64) -> Self {
        let mut log = Self::founded();
        for number in 2..=nodes {
            log.done(join(node(number)));
        }
        log
    }

    pub(crate) fn later(&mut self, span: Span) -> &mut Self {
        self.time = self.time.saturating_add(span);
        self
    }

    pub(crate) fn envelope(&self, entry: Entry) -> Envelope {
        Envelope {
            format: FORMAT,
            request: None,
            actor: Actor::CLUSTER,
            via: Via::Internal,
            time: self.time,
            expected_generation: None,
            entry,
        }
    }

    /// Applies as servers do: from bytes. A refused entry must leave everything but the answered requests as it was.
    pub(crate) fn apply(&mut self, envelope: &Envelope) -> Reply {
        let envelope = Envelope::from_bytes(&envelope.to_bytes()).unwrap();
        let before = self.state.clone();
        let index = self.state.revision() + 1;
        let Applied { reply, changes } = self.state.apply(index, &envelope);
        assert_eq!(self.state.revision(), index);
        assert!(self.state.time() >= envelope.time);
        if matches!(reply, Reply::Refused(_)) {
            let same = contents(&self.state) == contents(&before);
            assert!(same, "changed, but {reply:?}");
            assert_eq!(changes, []);
        }
        self.changes.extend(changes);
        reply
    }

    pub(crate) fn done(&mut self, entry: Entry) -> Done {
        let envelope = self.envelope(entry);
        self.done_as(envelope)
    }

    pub(crate) fn done_as(&mut self, envelope: Envelope) -> Done {
        self.apply(&envelope).into_result().unwrap()
    }

    pub(crate) fn refused(&mut self, entry: Entry) -> Refused {
        let envelope = self.envelope(entry);
        self.refused_as(envelope)
    }

    pub(crate) fn refused_as(&mut self, envelope: Envelope) -> Refused {
        self.apply(&envelope).into_result().unwrap_err()
    }

    /// The generation after an entry that changes one object.
    pub(crate) fn generation(&mut self, entry: Entry) -> u64 {
        self.done(entry).generation.unwrap()
    }

    pub(crate) fn by_node(&self, node: NodeId, entry: Entry) -> Envelope {
        Envelope {
            actor: Actor::Node(node),
            ..self.envelope(entry)
        }
    }

    pub(crate) fn expecting(&self, generation: u64, entry: Entry) -> Envelope {
        Envelope {
            expected_generation: Some(generation),
            ..self.envelope(entry)
        }
    }

    pub(crate) fn requested(&self, request: u128, entry: Entry) -> Envelope {
        Envelope {
            request: Some(RequestId::from_u128(request)),
            ..self.envelope(entry)
        }
    }
}

/// What a snapshot of the state is, in one piece: two states are the same when this is.
pub(crate) fn snapshot(state: &State) -> Vec<u8> {
    let mut writer = state.snapshot();
    std::iter::from_fn(|| writer.next_chunk())
        .flatten()
        .collect()
}

pub(crate) fn restored(state: &State) -> State {
    let mut writer = state.snapshot();
    State::restore(std::iter::from_fn(|| writer.next_chunk())).unwrap()
}

/// Every object in the state as its frame in a snapshot, without revision, time and answered requests.
pub(crate) fn contents(state: &State) -> Vec<Vec<u8>> {
    let bytes = snapshot(state);
    let mut frames = Vec::new();
    let mut rest = bytes.as_slice();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        let (body, after) = after[4..].split_at(length);
        // A map of one, and the head of the text that names the frame.
        let name = &body[2..];
        if !["header", "answered", "end"]
            .iter()
            .any(|other| name.starts_with(other.as_bytes()))
        {
            frames.push(body.to_vec());
        }
        rest = after;
    }
    frames
}
