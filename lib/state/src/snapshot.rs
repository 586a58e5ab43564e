//! The snapshot: every object as a frame of its own with its checksum, in the order of the tables.
//!
//! Written from a clone, frame by frame, so that it never holds up `apply`; read back into exactly the same state.

use std::fmt;

use hm_model::{
    App, Event, Namespace, Node, NodeId, ObjectKey, Replica, ReplicaId, Revision, RevisionNumber,
    SettingKey, Timestamp, TokenId,
};
use serde::{Deserialize, Serialize};

use crate::object::{Cluster, EventKey, GossipKeys, JoinTokenRecord, Servers, Vault};
use crate::requests::Answered;
use crate::state::State;
use crate::table::{Record, Table};

/// The newest form of a snapshot this build writes; it reads all older ones.
pub const SNAPSHOT_FORMAT: u16 = 1;
/// A chunk ends with the frame that brings it past this size.
const CHUNK_BYTES: usize = 256 * 1024;
const FRAME_HEAD: usize = 8;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Frame {
    Header {
        format: u16,
        revision: u64,
        time: Timestamp,
        events_told: u64,
    },
    Cluster(Cluster),
    Vault(Vault),
    GossipKeys(GossipKeys),
    Servers(Servers),
    Node(NodeId, Record<Node>),
    Setting(SettingKey, Record<String>),
    Token(TokenId, Record<JoinTokenRecord>),
    Namespace(Namespace, Record<()>),
    App(ObjectKey, Record<App>),
    Revision((ObjectKey, RevisionNumber), Record<Revision>),
    Replica(ReplicaId, Record<Replica>),
    Event(EventKey, Record<Event>),
    Answered(Answered),
    End {
        frames: u64,
    },
}

#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error(
        "the snapshot has format {found}, this build reads up to {SNAPSHOT_FORMAT}: start a newer hivemind-daemon"
    )]
    Newer { found: u16 },
    #[error("frame {frame} of the snapshot is damaged: {reason}")]
    Damaged { frame: u64, reason: String },
    #[error("the snapshot ends after frame {frame}, before its end mark")]
    Cut { frame: u64 },
}

/// A snapshot being written: pulled chunk by chunk.
pub struct Writer {
    state: State,
    stage: Stage,
    frames: u64,
}

/// Where the writer stands: the table, and the last key it wrote of it.
enum Stage {
    Head(u8),
    Nodes(Option<NodeId>),
    Settings(Option<SettingKey>),
    Tokens(Option<TokenId>),
    Namespaces(Option<Namespace>),
    Apps(Option<ObjectKey>),
    Revisions(Option<(ObjectKey, RevisionNumber)>),
    Replicas(Option<ReplicaId>),
    Events(Option<EventKey>),
    Requests(Option<u64>),
    End,
    Finished,
}

impl State {
    /// Begins a snapshot of the state as it is now. Costs nothing by itself.
    pub fn snapshot(&self) -> Writer {
        Writer {
            state: self.clone(),
            stage: Stage::Head(0),
            frames: 0,
        }
    }

    /// Reads a snapshot back.
    pub fn restore<C: AsRef<[u8]>>(chunks: impl Iterator<Item = C>) -> Result<Self, SnapshotError> {
        let mut reader = Reader::default();
        for chunk in chunks {
            reader.read_chunk(chunk.as_ref())?;
        }
        reader.finish()
    }
}

impl Writer {
    /// The next chunk of about 256 KiB, until there is none.
    pub fn next_chunk(&mut self) -> Option<Vec<u8>> {
        let mut chunk = Vec::new();
        while chunk.len() < CHUNK_BYTES {
            let Some(frame) = self.next_frame() else {
                break;
            };
            self.frames += 1;
            append_frame(&frame, &mut chunk);
        }
        (!chunk.is_empty()).then_some(chunk)
    }

    fn next_frame(&mut self) -> Option<Frame> {
        loop {
            let (frame, next) = self.state.frame_at(&self.stage, self.frames);
            self.stage = next;
            match (frame, &self.stage) {
                (Some(frame), _) => return Some(frame),
                (None, Stage::Finished) => return None,
                (None, _) => {}
            }
        }
    }
}

/// One step through a table: its next record as a frame, or on to the next table.
fn step<K: Ord + Clone, T: Clone>(
    table: &Table<K, T>,
    last: Option<&K>,
    frame: fn(K, Record<T>) -> Frame,
    stage: fn(Option<K>) -> Stage,
    next: Stage,
) -> (Option<Frame>, Stage) {
    match table.after(last) {
        Some((key, record)) => (
            Some(frame(key.clone(), record.clone())),
            stage(Some(key.clone())),
        ),
        None => (None, next),
    }
}

impl State {
    fn frame_at(&self, stage: &Stage, frames: u64) -> (Option<Frame>, Stage) {
        match stage {
            Stage::Head(part) => self.head_frame(*part),
            Stage::Nodes(last) => step(
                &self.nodes,
                last.as_ref(),
                Frame::Node,
                Stage::Nodes,
                Stage::Settings(None),
            ),
            Stage::Settings(last) => step(
                &self.settings,
                last.as_ref(),
                Frame::Setting,
                Stage::Settings,
                Stage::Tokens(None),
            ),
            Stage::Tokens(last) => step(
                &self.tokens,
                last.as_ref(),
                Frame::Token,
                Stage::Tokens,
                Stage::Namespaces(None),
            ),
            Stage::Namespaces(last) => step(
                &self.namespaces,
                last.as_ref(),
                Frame::Namespace,
                Stage::Namespaces,
                Stage::Apps(None),
            ),
            Stage::Apps(last) => step(
                &self.apps,
                last.as_ref(),
                Frame::App,
                Stage::Apps,
                Stage::Revisions(None),
            ),
            Stage::Revisions(last) => step(
                &self.revisions,
                last.as_ref(),
                Frame::Revision,
                Stage::Revisions,
                Stage::Replicas(None),
            ),
            Stage::Replicas(last) => step(
                &self.replicas,
                last.as_ref(),
                Frame::Replica,
                Stage::Replicas,
                Stage::Events(None),
            ),
            Stage::Events(last) => step(
                &self.events,
                last.as_ref(),
                Frame::Event,
                Stage::Events,
                Stage::Requests(None),
            ),
            Stage::Requests(last) => match self.requests.after(*last) {
                Some(answered) => (
                    Some(Frame::Answered(answered.clone())),
                    Stage::Requests(Some(answered.revision)),
                ),
                None => (None, Stage::End),
            },
            Stage::End => (Some(Frame::End { frames }), Stage::Finished),
            Stage::Finished => (None, Stage::Finished),
        }
    }

    fn head_frame(&self, part: u8) -> (Option<Frame>, Stage) {
        let frame = match part {
            0 => Some(Frame::Header {
                format: SNAPSHOT_FORMAT,
                revision: self.revision,
                time: self.time,
                events_told: self.events_told,
            }),
            1 => self.cluster.clone().map(Frame::Cluster),
            2 => self.vault.clone().map(Frame::Vault),
            3 => Some(Frame::GossipKeys(self.gossip_keys.clone())),
            4 => Some(Frame::Servers(self.servers.clone())),
            _ => return (None, Stage::Nodes(None)),
        };
        (frame, Stage::Head(part + 1))
    }
}

fn append_frame(frame: &Frame, chunk: &mut Vec<u8>) {
    let start = chunk.len();
    chunk.extend_from_slice(&[0; FRAME_HEAD]);
    ciborium::into_writer(frame, &mut *chunk).expect("writing CBOR to memory does not fail");
    let body = &chunk[start + FRAME_HEAD..];
    let length = u32::try_from(body.len()).expect("one object is far below 4 GiB");
    let checksum = crc32fast::hash(body);
    chunk[start..start + 4].copy_from_slice(&length.to_le_bytes());
    chunk[start + 4..start + FRAME_HEAD].copy_from_slice(&checksum.to_le_bytes());
}

#[derive(Default)]
struct Reader {
    state: State,
    frames: u64,
    ended: bool,
}

impl Reader {
    fn read_chunk(&mut self, mut chunk: &[u8]) -> Result<(), SnapshotError> {
        while !chunk.is_empty() {
            let (frame, rest) = self.read_frame(chunk)?;
            self.take(frame)?;
            self.frames += 1;
            chunk = rest;
        }
        Ok(())
    }

    fn read_frame<'a>(&self, chunk: &'a [u8]) -> Result<(Frame, &'a [u8]), SnapshotError> {
        let (head, rest) = chunk
            .split_first_chunk::<FRAME_HEAD>()
            .ok_or_else(|| self.damaged("its head is cut"))?;
        let [l0, l1, l2, l3, c0, c1, c2, c3] = *head;
        let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        let (body, rest) = rest
            .split_at_checked(length)
            .ok_or_else(|| self.damaged("its body is cut"))?;
        if crc32fast::hash(body) != u32::from_le_bytes([c0, c1, c2, c3]) {
            return Err(self.damaged("its checksum differs"));
        }
        let frame = ciborium::from_reader(body).map_err(|error| self.damaged(error))?;
        Ok((frame, rest))
    }

    fn damaged(&self, reason: impl fmt::Display) -> SnapshotError {
        SnapshotError::Damaged {
            frame: self.frames,
            reason: reason.to_string(),
        }
    }

    fn take(&mut self, frame: Frame) -> Result<(), SnapshotError> {
        let is_header = matches!(frame, Frame::Header { .. });
        if self.ended || is_header != (self.frames == 0) {
            return Err(self.damaged("it stands in the wrong place"));
        }
        let state = &mut self.state;
        match frame {
            Frame::Header { format, .. } if format > SNAPSHOT_FORMAT => {
                return Err(SnapshotError::Newer { found: format });
            }
            Frame::Header {
                revision,
                time,
                events_told,
                ..
            } => {
                state.events_told = events_told;
                state.revision = revision;
                state.time = time;
            }
            Frame::Cluster(cluster) => state.cluster = Some(cluster),
            Frame::Vault(vault) => state.vault = Some(vault),
            Frame::GossipKeys(keys) => state.gossip_keys = keys,
            Frame::Servers(servers) => state.servers = servers,
            Frame::Node(key, record) => state.nodes.restore(key, record),
            Frame::Setting(key, record) => state.settings.restore(key, record),
            Frame::Token(key, record) => state.tokens.restore(key, record),
            Frame::Namespace(key, record) => state.namespaces.restore(key, record),
            Frame::App(key, record) => state.apps.restore(key, record),
            Frame::Revision(key, record) => state.revisions.restore(key, record),
            Frame::Replica(key, record) => {
                if let Some(node) = record.value.node {
                    state.on_node.entry(node).or_default().insert(key.clone());
                }
                state.replicas.restore(key, record);
            }
            Frame::Event(key, record) => state.events.restore(key, record),
            Frame::Answered(answered) => state.requests.remember(answered),
            Frame::End { frames } if frames == self.frames => self.ended = true,
            Frame::End { .. } => return Err(self.damaged("frames are missing before it")),
        }
        Ok(())
    }

    fn finish(self) -> Result<State, SnapshotError> {
        if self.ended {
            Ok(self.state)
        } else {
            Err(SnapshotError::Cut { frame: self.frames })
        }
    }
}
