//! The types openraft is instantiated with. They never leave this crate, neither to disk nor over the wire.

use bytes::Bytes;
use openraft::impls::OneshotResponder;
use openraft::{CommittedLeaderId, EmptyNode};

use crate::runtime::Runtime;
use crate::store::StoredSnapshot;

openraft::declare_raft_types!(
    pub(crate) TypeConfig:
        D            = Batch,
        R            = Replies,
        NodeId       = u64,
        Node         = EmptyNode,
        Entry        = openraft::Entry<TypeConfig>,
        SnapshotData = StoredSnapshot,
        AsyncRuntime = Runtime,
        Responder    = OneshotResponder<TypeConfig>,
);

pub(crate) type Entry = openraft::Entry<TypeConfig>;
pub(crate) type LogId = openraft::LogId<u64>;
pub(crate) type Vote = openraft::Vote<u64>;
pub(crate) type Membership = openraft::Membership<u64, EmptyNode>;
pub(crate) type StoredMembership = openraft::StoredMembership<u64, EmptyNode>;
pub(crate) type SnapshotMeta = openraft::SnapshotMeta<u64, EmptyNode>;
pub(crate) type Snapshot = openraft::Snapshot<TypeConfig>;
pub(crate) type StorageError = openraft::StorageError<u64>;
pub(crate) type Inner = openraft::Raft<TypeConfig>;

/// Proposals that travel as one log entry: openraft makes each entry durable before it looks at the next, so those that
/// arrive meanwhile share one write.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Batch(pub(crate) Vec<Bytes>);

/// The replies to one batch, and the index of its first entry.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Replies {
    pub(crate) first_index: u64,
    pub(crate) replies: Vec<Bytes>,
}

pub(crate) fn log_id(term: u64, index: u64) -> LogId {
    // One leader a term: the term alone identifies the leader.
    LogId::new(CommittedLeaderId::new(term, 0), index)
}
