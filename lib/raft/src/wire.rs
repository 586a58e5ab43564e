//! What travels between servers: our own CBOR maps with defaults, each with its format number.

use serde::{Deserialize, Serialize};

use crate::record::{Blob, EntryRecord, PlaceRecord, SnapshotRecord, VoteRecord};

pub(crate) const APPEND: &str = "raft/append";
pub(crate) const VOTE: &str = "raft/vote";
pub(crate) const SNAPSHOT: &str = "raft/snapshot";

/// The leader's entries, or none as a heartbeat.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AppendRequest {
    pub(crate) format: u32,
    pub(crate) vote: VoteRecord,
    pub(crate) previous: Option<PlaceRecord>,
    pub(crate) committed: Option<PlaceRecord>,
    pub(crate) entries: Vec<EntryRecord>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AppendReply {
    pub(crate) format: u32,
    pub(crate) outcome: AppendOutcome,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AppendOutcome {
    #[default]
    Success,
    /// Only the entries up to here.
    Partial(Option<PlaceRecord>),
    /// The entry before is another one here.
    Conflict,
    HigherVote(VoteRecord),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct VoteRequest {
    pub(crate) format: u32,
    pub(crate) purpose: Purpose,
    pub(crate) vote: VoteRecord,
    pub(crate) last: Option<PlaceRecord>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// Vote for me.
    #[default]
    Election,
    /// Would you vote for me? Changes nothing: a node that was cut off finds out that it is not wanted.
    Probe,
    /// The leader is about to stop: stand for election now.
    Handover,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct VoteReply {
    pub(crate) format: u32,
    pub(crate) granted: bool,
    pub(crate) vote: VoteRecord,
    pub(crate) last: Option<PlaceRecord>,
}

/// One step of sending a snapshot. The reply says which chunk is wanted next, so a broken transfer goes on where it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SnapshotRequest {
    pub(crate) format: u32,
    pub(crate) vote: VoteRecord,
    pub(crate) snapshot: SnapshotRecord,
    pub(crate) step: SnapshotStep,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SnapshotStep {
    /// Which chunk do you want?
    #[default]
    Ask,
    Chunk {
        number: u64,
        bytes: Blob,
    },
    /// You have them all: make it your state.
    Install,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SnapshotReply {
    pub(crate) format: u32,
    pub(crate) vote: VoteRecord,
    /// The chunk that is wanted next; the number of chunks when all are there.
    pub(crate) next: u64,
}
