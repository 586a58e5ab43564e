//! The snapshot: every object as a frame of its own with its checksum, in the order of the tables.
//!
//! Written from a clone, frame by frame, so that it never holds up `apply`; read back into exactly the same state.

use std::borrow::Cow;
use std::fmt;

use hm_model::{
    App, Event, Namespace, Node, NodeId, ObjectKey, Replica, ReplicaId, Revision, RevisionNumber,
    SettingKey, Timestamp, TokenId,
};
use serde::{Deserialize, Serialize};

use crate::cbor;
use crate::object::{Cluster, EventKey, GossipKeys, JoinTokenRecord, Servers, Vault};
use crate::requests::Answered;
use crate::state::State;
use crate::table::{Record, Table};

/// The newest form of a snapshot this build writes; it reads all older ones.
pub const SNAPSHOT_FORMAT: u16 = 1;
/// A chunk ends with the frame that brings it past this size.
const CHUNK_BYTES: usize = 256 * 1024;
const FRAME_HEAD: usize = 8;

/// Borrowed when written, owned when read.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Frame<'a> {
    Header(Header),
    Cluster(Cow<'a, Cluster>),
    Vault(Cow<'a, Vault>),
    GossipKeys(Cow<'a, GossipKeys>),
    Servers(Cow<'a, Servers>),
    Node(Cow<'a, NodeId>, Cow<'a, Record<Node>>),
    Setting(Cow<'a, SettingKey>, Cow<'a, Record<String>>),
    Token(Cow<'a, TokenId>, Cow<'a, Record<JoinTokenRecord>>),
    Namespace(Cow<'a, Namespace>, Cow<'a, Record<()>>),
    App(Cow<'a, ObjectKey>, Cow<'a, Record<App>>),
    Revision(
        Cow<'a, (ObjectKey, RevisionNumber)>,
        Cow<'a, Record<Revision>>,
    ),
    Replica(Cow<'a, ReplicaId>, Cow<'a, Record<Replica>>),
    Event(Cow<'a, EventKey>, Cow<'a, Record<Event>>),
    Answered(Cow<'a, Answered>),
    End(End),
}

#[derive(Deserialize, Serialize)]
struct Header {
    format: u16,
    revision: u64,
    time: Timestamp,
    #[serde(default)]
    events_told: u64,
}

/// The first frame, read alone, so that a newer form is named as such and not as garbage.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum FirstFrame {
    Header(FormatOnly),
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u16,
}

#[derive(Deserialize, Serialize)]
struct End {
    /// How many frames stand before this one.
    frames: u64,
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
    Head,
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
            stage: Stage::Head,
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
        let mut chunk = Chunk {
            bytes: Vec::new(),
            frames: self.frames,
        };
        while !chunk.is_full() && !matches!(self.stage, Stage::Finished) {
            self.stage = self.state.write_from(&self.stage, &mut chunk);
        }
        self.frames = chunk.frames;
        (!chunk.bytes.is_empty()).then_some(chunk.bytes)
    }
}

struct Chunk {
    bytes: Vec<u8>,
    /// Of the whole snapshot so far.
    frames: u64,
}

impl State {
    /// Writes on from a stage until it ends or the chunk is full; answers where to go on.
    fn write_from(&self, stage: &Stage, chunk: &mut Chunk) -> Stage {
        match stage {
            Stage::Head => {
                self.write_head(chunk);
                Stage::Nodes(None)
            }
            Stage::Nodes(last) => chunk
                .add_all(self.nodes.after(last.as_ref()), Frame::Node)
                .map_or(Stage::Settings(None), |last| Stage::Nodes(Some(last))),
            Stage::Settings(last) => chunk
                .add_all(self.settings.after(last.as_ref()), Frame::Setting)
                .map_or(Stage::Tokens(None), |last| Stage::Settings(Some(last))),
            Stage::Tokens(last) => chunk
                .add_all(self.tokens.after(last.as_ref()), Frame::Token)
                .map_or(Stage::Namespaces(None), |last| Stage::Tokens(Some(last))),
            Stage::Namespaces(last) => chunk
                .add_all(self.namespaces.after(last.as_ref()), Frame::Namespace)
                .map_or(Stage::Apps(None), |last| Stage::Namespaces(Some(last))),
            Stage::Apps(last) => chunk
                .add_all(self.apps.after(last.as_ref()), Frame::App)
                .map_or(Stage::Revisions(None), |last| Stage::Apps(Some(last))),
            Stage::Revisions(last) => chunk
                .add_all(self.revisions.after(last.as_ref()), Frame::Revision)
                .map_or(Stage::Replicas(None), |last| Stage::Revisions(Some(last))),
            Stage::Replicas(last) => chunk
                .add_all(self.replicas.after(last.as_ref()), Frame::Replica)
                .map_or(Stage::Events(None), |last| Stage::Replicas(Some(last))),
            Stage::Events(last) => chunk
                .add_all(self.events.after(last.as_ref()), Frame::Event)
                .map_or(Stage::Requests(None), |last| Stage::Events(Some(last))),
            Stage::Requests(last) => {
                for answered in self.requests.after(*last) {
                    chunk.add(&Frame::Answered(Cow::Borrowed(answered)));
                    if chunk.is_full() {
                        return Stage::Requests(Some(answered.revision));
                    }
                }
                Stage::End
            }
            Stage::End => {
                chunk.add(&Frame::End(End {
                    frames: chunk.frames,
                }));
                Stage::Finished
            }
            Stage::Finished => Stage::Finished,
        }
    }

    fn write_head(&self, chunk: &mut Chunk) {
        chunk.add(&Frame::Header(Header {
            format: SNAPSHOT_FORMAT,
            revision: self.revision,
            time: self.time,
            events_told: self.events_told,
        }));
        if let Some(cluster) = &self.cluster {
            chunk.add(&Frame::Cluster(Cow::Borrowed(cluster)));
        }
        if let Some(vault) = &self.vault {
            chunk.add(&Frame::Vault(Cow::Borrowed(vault)));
        }
        chunk.add(&Frame::GossipKeys(Cow::Borrowed(&self.gossip_keys)));
        chunk.add(&Frame::Servers(Cow::Borrowed(&self.servers)));
    }
}

impl Chunk {
    fn is_full(&self) -> bool {
        self.bytes.len() >= CHUNK_BYTES
    }

    /// Adds records until there are no more, or until the chunk is full: then answers the last key.
    fn add_all<'a, K: Clone + 'a, T: Clone + 'a>(
        &mut self,
        records: impl Iterator<Item = (&'a K, &'a Record<T>)>,
        frame: fn(Cow<'a, K>, Cow<'a, Record<T>>) -> Frame<'a>,
    ) -> Option<K> {
        for (key, record) in records {
            self.add(&frame(Cow::Borrowed(key), Cow::Borrowed(record)));
            if self.is_full() {
                return Some(key.clone());
            }
        }
        None
    }

    fn add(&mut self, frame: &Frame<'_>) {
        let bytes = &mut self.bytes;
        let start = bytes.len();
        bytes.extend_from_slice(&[0; FRAME_HEAD]);
        cbor::append(frame, bytes);
        let body = &bytes[start + FRAME_HEAD..];
        let length = u32::try_from(body.len()).expect("one object is far below 4 GiB");
        let checksum = crc32fast::hash(body);
        bytes[start..start + 4].copy_from_slice(&length.to_le_bytes());
        bytes[start + 4..start + FRAME_HEAD].copy_from_slice(&checksum.to_le_bytes());
        self.frames += 1;
    }
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
            let (body, rest) = self.split_frame(chunk)?;
            self.take(body)?;
            chunk = rest;
        }
        Ok(())
    }

    /// The body of the next frame, and what follows it.
    fn split_frame<'a>(&self, chunk: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), SnapshotError> {
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
        Ok((body, rest))
    }

    fn damaged(&self, reason: impl fmt::Display) -> SnapshotError {
        SnapshotError::Damaged {
            frame: self.frames,
            reason: reason.to_string(),
        }
    }

    fn take(&mut self, body: &[u8]) -> Result<(), SnapshotError> {
        if self.frames == 0
            && let Ok(FirstFrame::Header(FormatOnly { format })) = cbor::read(body)
            && format > SNAPSHOT_FORMAT
        {
            return Err(SnapshotError::Newer { found: format });
        }
        let frame: Frame<'static> = cbor::read(body).map_err(|error| self.damaged(error))?;
        let is_header = matches!(frame, Frame::Header(_));
        if self.ended || is_header != (self.frames == 0) {
            return Err(self.damaged("it stands in the wrong place"));
        }
        if let Frame::End(End { frames }) = frame {
            if frames != self.frames {
                return Err(self.damaged("frames are missing or too many before it"));
            }
            self.ended = true;
        } else {
            self.state.restore_frame(frame);
        }
        self.frames += 1;
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

impl State {
    fn restore_frame(&mut self, frame: Frame<'static>) {
        match frame {
            Frame::Header(header) => {
                self.revision = header.revision;
                self.time = header.time;
                self.events_told = header.events_told;
            }
            Frame::Cluster(cluster) => self.cluster = Some(cluster.into_owned()),
            Frame::Vault(vault) => self.vault = Some(vault.into_owned()),
            Frame::GossipKeys(keys) => self.gossip_keys = keys.into_owned(),
            Frame::Servers(servers) => self.servers = servers.into_owned(),
            Frame::Node(key, record) => restore(&mut self.nodes, key, record),
            Frame::Setting(key, record) => restore(&mut self.settings, key, record),
            Frame::Token(key, record) => restore(&mut self.tokens, key, record),
            Frame::Namespace(key, record) => restore(&mut self.namespaces, key, record),
            Frame::App(key, record) => restore(&mut self.apps, key, record),
            Frame::Revision(key, record) => restore(&mut self.revisions, key, record),
            Frame::Replica(key, record) => {
                self.restore_replica(key.into_owned(), record.into_owned());
            }
            Frame::Event(key, record) => {
                *self.events_in.entry(key.namespace.clone()).or_default() += 1;
                restore(&mut self.events, key, record);
            }
            Frame::Answered(answered) => self.requests.remember(answered.into_owned()),
            // The reader has seen to it.
            Frame::End(_) => {}
        }
    }
    fn restore_replica(&mut self, key: ReplicaId, mut record: Record<Replica>) {
        let id = self.with_shared_name(&key);
        if let Some(node) = record.value.node {
            self.on_node.entry(node).or_default().insert(id.clone());
        }
        record.value.id = id.clone();
        self.replicas.restore(id, record);
    }
}

fn restore<K: Ord + Clone, T: Clone>(
    table: &mut Table<K, T>,
    key: Cow<'_, K>,
    record: Cow<'_, Record<T>>,
) {
    table.restore(key.into_owned(), record.into_owned());
}
