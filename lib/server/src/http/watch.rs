//! Watching: the state's changes as lines of JSON. The stream is pulled by the caller's reading, so that a slow one holds at
//! most one step; one that falls behind what is kept is told so and lists anew.

use std::collections::{BTreeSet, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::stream;
use hm_api::watch::{Kind, WatchLine, WatchQuery};
use hm_api::{ErrorCode, Problem};
use hm_state::{Key, Object, Seen, Sight, State};
use serde::Serialize;
use serde_json::Value;

use super::answer::Reply;
use super::call::Call;
use super::place::{Leadership, Server};
use super::{events, namespaces, nodes, settings, tokens};
use crate::store::Compacted;
use crate::watch::{Step, Watcher};

/// A line at least this often, so that both sides notice when the other is gone.
const BOOKMARK_EVERY: Duration = Duration::from_secs(15);
/// Lines are sent in pieces of about this size.
const PIECE: usize = 32 * 1024;

/// Starts a watch. `closed` ends it.
pub(super) fn open(
    closed: impl Future<Output = ()> + Send + 'static,
    server: Arc<dyn Server>,
    call: &Call,
) -> Result<Reply, Problem> {
    let query: WatchQuery = call.query()?;
    let store = server.store().clone();
    let (first, at, watcher) = match query.from {
        Some(revision) => {
            let watcher = Watcher::resume(store, Sight::Administrator, revision)
                .map_err(|error| problem_of(&error))?;
            (VecDeque::new(), revision, watcher)
        }
        None => {
            let (Step { revision, seen }, watcher) = Watcher::list(store, Sight::Administrator);
            (seen.into(), revision, watcher)
        }
    };
    let kinds = if query.kinds.is_empty() {
        Kind::ALL.into()
    } else {
        query.kinds.into_iter().collect()
    };
    let watch = Watch {
        server,
        watcher,
        kinds,
        waiting: first,
        // Whoever leaves in the middle of the list must list anew.
        told: query.from.unwrap_or(0),
        leads_to: at,
        phase: Phase::Telling,
        closed: Box::pin(closed),
    };
    let pieces = stream::unfold(watch, async |mut watch| {
        watch.next_piece().await.map(|piece| (piece, watch))
    });
    Ok(Reply::Lines(Body::from_stream(pieces)))
}

struct Watch {
    server: Arc<dyn Server>,
    watcher: Watcher,
    kinds: BTreeSet<Kind>,
    /// What is left of the step that is being told.
    waiting: VecDeque<Seen>,
    /// Everything up to here has been told.
    told: u64,
    /// Where the step that is being told leads to.
    leads_to: u64,
    phase: Phase,
    closed: Pin<Box<dyn Future<Output = ()> + Send>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    /// A step is being told, and then its revision.
    Telling,
    Waiting,
    Ended,
}

impl Watch {
    /// The next lines, or `None` at the end. Never fails: what goes wrong is a line too.
    async fn next_piece(&mut self) -> Option<Result<Bytes, std::convert::Infallible>> {
        loop {
            match self.phase {
                Phase::Ended => return None,
                Phase::Telling => return Some(Ok(self.tell())),
                Phase::Waiting => {
                    if let Some(piece) = self.wait().await {
                        return Some(Ok(piece));
                    }
                }
            }
        }
    }

    /// Lines of the step until the piece is full; behind its last line comes the revision it leads to.
    fn tell(&mut self) -> Bytes {
        let mut piece = BytesMut::new();
        let (state, leadership) = (self.server.store().state(), self.server.leadership());
        while piece.len() < PIECE {
            let Some(seen) = self.waiting.pop_front() else {
                self.told = self.leads_to;
                self.phase = Phase::Waiting;
                write(
                    &mut piece,
                    &WatchLine::Bookmark {
                        revision: self.told,
                    },
                );
                break;
            };
            if let Some(line) = self.line(&state, &leadership, seen) {
                write(&mut piece, &line);
            }
        }
        piece.freeze()
    }

    /// Waits for the next step. Answers a line if there is one to send before.
    async fn wait(&mut self) -> Option<Bytes> {
        let step = tokio::select! {
            biased;
            () = &mut self.closed => return Some(self.end(stopping())),
            step = tokio::time::timeout(BOOKMARK_EVERY, self.watcher.next()) => step,
        };
        match step {
            Ok(Ok(Step { revision, seen })) => {
                self.leads_to = revision;
                self.waiting = seen
                    .into_iter()
                    .filter(|seen| self.wants(&seen.key))
                    .collect();
                self.phase = Phase::Telling;
                // A step of other kinds only is told by the next bookmark.
                if self.waiting.is_empty() {
                    (self.told, self.phase) = (revision, Phase::Waiting);
                }
                None
            }
            Ok(Err(compacted)) => Some(self.end(problem_of(&compacted))),
            Err(_) => {
                self.told = self.told.max(self.watcher.revision());
                Some(one_line(&WatchLine::Bookmark {
                    revision: self.told,
                }))
            }
        }
    }

    fn end(&mut self, problem: Problem) -> Bytes {
        self.phase = Phase::Ended;
        one_line(&WatchLine::Error { problem })
    }

    fn wants(&self, key: &Key) -> bool {
        kind_of(key).is_some_and(|kind| self.kinds.contains(&kind))
    }

    fn line(&self, state: &State, leadership: &Leadership, seen: Seen) -> Option<WatchLine> {
        let kind = kind_of(&seen.key).filter(|kind| self.kinds.contains(kind))?;
        let (revision, key) = (self.told, seen.key.to_string());
        Some(
            match seen
                .object
                .and_then(|object| shown(state, leadership, &seen.key, object))
            {
                Some(object) => WatchLine::Put {
                    revision,
                    kind,
                    key,
                    object,
                },
                None => WatchLine::Delete {
                    revision,
                    kind,
                    key,
                },
            },
        )
    }
}

/// The kinds that people watch; the rest is for nodes, or not built yet.
const fn kind_of(key: &Key) -> Option<Kind> {
    match key {
        Key::Node(_) => Some(Kind::Node),
        Key::Setting(_) => Some(Kind::Setting),
        Key::Token(_) => Some(Kind::Token),
        Key::Namespace(_) => Some(Kind::Namespace),
        Key::Event(_) => Some(Kind::Event),
        Key::Cluster
        | Key::GossipKeys
        | Key::Servers
        | Key::App(_)
        | Key::Revision(..)
        | Key::Replica(_) => None,
    }
}

/// The object as its list shows it. `None` when it is gone by now: its deletion follows.
fn shown(state: &State, leadership: &Leadership, key: &Key, object: Object) -> Option<Value> {
    match (key, object) {
        (Key::Node(_), Object::Node(node)) => to_value(&nodes::node(state, leadership, &node)),
        (Key::Setting(key), Object::Setting(_)) => to_value(&settings::setting(state, *key)),
        (Key::Token(id), Object::Token(_)) => state
            .tokens()
            .get(id)
            .and_then(|record| to_value(&tokens::token(record))),
        (Key::Namespace(name), Object::Namespace(_)) => state
            .namespaces()
            .get(name)
            .and_then(|record| to_value(&namespaces::namespace(name, record))),
        (Key::Event(key), Object::Event(event)) => to_value(&events::event(key, &event)),
        (_, _) => None,
    }
}

fn to_value<T: Serialize>(value: &T) -> Option<Value> {
    serde_json::to_value(value).ok()
}

fn one_line(line: &WatchLine) -> Bytes {
    let mut piece = BytesMut::new();
    write(&mut piece, line);
    piece.freeze()
}

fn write(piece: &mut BytesMut, line: &WatchLine) {
    match serde_json::to_writer((&mut *piece).writer(), line) {
        Ok(()) => piece.put_u8(b'\n'),
        Err(error) => tracing::error!(%error, "a line of a watch cannot be written"),
    }
}

fn problem_of(error: &Compacted) -> Problem {
    Problem::new(ErrorCode::Compacted, error.to_string())
        .with_hint("watch without `from`, which starts with a list")
}

fn stopping() -> Problem {
    Problem::new(ErrorCode::Unavailable, "this node stops")
        .with_hint("go on from the last revision, here or on another node")
}
