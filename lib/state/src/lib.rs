//! The replicated state: entries, apply, queries, projections, snapshot format.
//!
//! Pure and deterministic: servers that apply the same log hold the same state, whatever mix of snapshots and entries brought
//! them there. `lib/raft` carries the bytes, `lib/server` proposes and watches.

mod apply;
mod bytes;
mod cbor;
mod change;
mod entry;
mod envelope;
mod object;
mod reply;
mod requests;
mod sight;
mod snapshot;
mod state;
mod table;

pub use apply::Applied;
pub use change::Change;
pub use entry::{CreateCluster, DeployApp, Entry, FEATURE_LEVEL, JoinNode, ReplicaReport, Verdict};
pub use envelope::{Envelope, EnvelopeError, FORMAT};
pub use object::{
    Cluster, EventKey, GossipKeys, JoinTokenRecord, Key, Kind, NodeReport, Object, Servers,
    TokenInfo, Vault,
};
pub use reply::{Done, Refused, Reply, UnreadableReply};
pub use sight::{Seen, Sight};
pub use snapshot::{SNAPSHOT_FORMAT, SnapshotError, Writer};
pub use state::{FindNodeError, State};
pub use table::{Record, Table};
