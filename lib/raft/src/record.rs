//! What lies on disk: our own CBOR maps, each with a format number and a checksum over its key and itself.

use std::collections::BTreeSet;
use std::fmt;

use bytes::Bytes;
use openraft::EmptyNode;
use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::types::{Batch, Entry, LogId, Membership, SnapshotMeta, StoredMembership, Vote, log_id};

/// The newest format of every record this version writes and reads.
pub(crate) const FORMAT: u32 = 1;
const CHECKSUM: usize = 4;

/// Why a record cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RecordError {
    #[error("it is cut short")]
    Short,
    #[error("its checksum is wrong: {stored:08x} is stored, its bytes give {computed:08x}")]
    Checksum { stored: u32, computed: u32 },
    #[error(
        "it has format {found}, this version reads up to {known}: start a newer version of Hivemind"
    )]
    NewerFormat { found: u32, known: u32 },
    #[error("it cannot be decoded: {0}")]
    Malformed(String),
    #[error("it contradicts its place: {0}")]
    Misplaced(String),
}

/// Appends the checksum of key and value.
pub(crate) fn seal(key: &[u8], mut value: Vec<u8>) -> Vec<u8> {
    let checksum = checksum(key, &value);
    value.extend_from_slice(&checksum.to_le_bytes());
    value
}

/// Checks and removes the checksum.
pub(crate) fn unseal<'a>(key: &[u8], sealed: &'a [u8]) -> Result<&'a [u8], RecordError> {
    let split = sealed
        .len()
        .checked_sub(CHECKSUM)
        .ok_or(RecordError::Short)?;
    let (value, stored) = sealed.split_at(split);
    let stored = u32::from_le_bytes(stored.try_into().map_err(|_| RecordError::Short)?);
    let computed = checksum(key, value);
    if stored == computed {
        Ok(value)
    } else {
        Err(RecordError::Checksum { stored, computed })
    }
}

fn checksum(key: &[u8], value: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(value);
    hasher.finalize()
}

/// Encodes a record and seals it.
pub(crate) fn encode<T: Serialize>(key: &[u8], record: &T) -> Result<Vec<u8>, RecordError> {
    Ok(seal(key, to_cbor(record)?))
}

/// Unseals a record, refuses newer formats, then decodes it.
pub(crate) fn decode<T: DeserializeOwned>(key: &[u8], sealed: &[u8]) -> Result<T, RecordError> {
    from_cbor(unseal(key, sealed)?)
}

pub(crate) fn to_cbor<T: Serialize>(record: &T) -> Result<Vec<u8>, RecordError> {
    let mut bytes = Vec::new();
    ciborium::into_writer(record, &mut bytes)
        .map_err(|error| RecordError::Malformed(error.to_string()))?;
    Ok(bytes)
}

/// The format is read first, so that a newer record is named as such and not as garbage.
pub(crate) fn from_cbor<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, RecordError> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(default)]
        format: u32,
    }
    let malformed =
        |error: ciborium::de::Error<std::io::Error>| RecordError::Malformed(error.to_string());
    let Head { format } = ciborium::from_reader(bytes).map_err(malformed)?;
    if format > FORMAT {
        return Err(RecordError::NewerFormat {
            found: format,
            known: FORMAT,
        });
    }
    ciborium::from_reader(bytes).map_err(malformed)
}

/// Bytes as a CBOR byte string; serde's own would make an array of numbers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Blob(pub(crate) Bytes);

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytestring;
        impl Visitor<'_> for Bytestring {
            type Value = Blob;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a byte string")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Blob, E> {
                Ok(Blob(Bytes::copy_from_slice(bytes)))
            }
            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Blob, E> {
                Ok(Blob(bytes.into()))
            }
        }
        deserializer.deserialize_byte_buf(Bytestring)
    }
}

/// Which store this is.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Identity {
    pub(crate) format: u32,
    pub(crate) node: u64,
}

/// How many marked commits there were.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Sequence {
    pub(crate) format: u32,
    pub(crate) commits: u64,
}

#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct VoteRecord {
    pub(crate) format: u32,
    pub(crate) term: u64,
    pub(crate) voted_for: Option<u64>,
    pub(crate) committed: bool,
}

impl From<&Vote> for VoteRecord {
    fn from(vote: &Vote) -> Self {
        let leader = vote.leader_id();
        Self {
            format: FORMAT,
            term: leader.term,
            voted_for: leader.voted_for,
            committed: vote.committed,
        }
    }
}

impl VoteRecord {
    pub(crate) fn vote(&self) -> Vote {
        let leader_id = openraft::LeaderId {
            term: self.term,
            voted_for: self.voted_for,
        };
        Vote {
            leader_id,
            committed: self.committed,
        }
    }
}

/// A place in the log.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct PlaceRecord {
    pub(crate) format: u32,
    pub(crate) term: u64,
    pub(crate) index: u64,
}

impl From<LogId> for PlaceRecord {
    fn from(id: LogId) -> Self {
        Self {
            format: FORMAT,
            term: id.leader_id.term,
            index: id.index,
        }
    }
}

impl PlaceRecord {
    pub(crate) fn log_id(self) -> LogId {
        log_id(self.term, self.index)
    }
}

/// Who votes: one set, or two while a change is under way; and who only listens.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct MembershipRecord {
    pub(crate) voters: Vec<BTreeSet<u64>>,
    pub(crate) learners: BTreeSet<u64>,
}

impl From<&Membership> for MembershipRecord {
    fn from(membership: &Membership) -> Self {
        Self {
            voters: membership.get_joint_config().clone(),
            learners: membership.learner_ids().collect(),
        }
    }
}

impl MembershipRecord {
    pub(crate) fn membership(&self) -> Membership {
        let voters = self.voters.iter().flatten();
        let nodes = voters
            .chain(&self.learners)
            .map(|id| (*id, EmptyNode::new()))
            .collect::<std::collections::BTreeMap<_, _>>();
        Membership::new(self.voters.clone(), nodes)
    }
}

/// One entry of the log, on disk and in calls between nodes.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct EntryRecord {
    pub(crate) format: u32,
    pub(crate) term: u64,
    pub(crate) index: u64,
    pub(crate) payload: PayloadRecord,
}

#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PayloadRecord {
    #[default]
    Blank,
    Entries(Vec<Blob>),
    Membership(MembershipRecord),
}

impl From<&Entry> for EntryRecord {
    fn from(entry: &Entry) -> Self {
        let payload = match &entry.payload {
            openraft::EntryPayload::Blank => PayloadRecord::Blank,
            openraft::EntryPayload::Normal(batch) => {
                PayloadRecord::Entries(batch.0.iter().cloned().map(Blob).collect())
            }
            openraft::EntryPayload::Membership(membership) => {
                PayloadRecord::Membership(membership.into())
            }
        };
        Self {
            format: FORMAT,
            term: entry.log_id.leader_id.term,
            index: entry.log_id.index,
            payload,
        }
    }
}

impl EntryRecord {
    pub(crate) fn entry(self) -> Entry {
        let payload = match self.payload {
            PayloadRecord::Blank => openraft::EntryPayload::Blank,
            PayloadRecord::Entries(entries) => openraft::EntryPayload::Normal(Batch(
                entries.into_iter().map(|blob| blob.0).collect(),
            )),
            PayloadRecord::Membership(record) => {
                openraft::EntryPayload::Membership(record.membership())
            }
        };
        Entry {
            log_id: log_id(self.term, self.index),
            payload,
        }
    }
}

/// What a snapshot is, apart from its chunks.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SnapshotRecord {
    pub(crate) format: u32,
    /// The log entry it includes last; none for the snapshot of an empty log.
    pub(crate) last: Option<PlaceRecord>,
    /// How many entries the machine had applied by then.
    pub(crate) applied: u64,
    pub(crate) membership: MembershipRecord,
    pub(crate) membership_at: Option<PlaceRecord>,
    /// Names these very bytes: two snapshots of the same place may be cut differently.
    pub(crate) id: String,
    /// Under which number its chunks are stored here.
    pub(crate) generation: u64,
    pub(crate) chunks: u64,
}

impl SnapshotRecord {
    pub(crate) fn meta(&self) -> SnapshotMeta {
        SnapshotMeta {
            last_log_id: self.last.map(PlaceRecord::log_id),
            last_membership: self.stored_membership(),
            snapshot_id: self.id.clone(),
        }
    }

    pub(crate) fn stored_membership(&self) -> StoredMembership {
        // openraft's own empty membership has no voter sets at all, ours decodes to the same.
        StoredMembership::new(
            self.membership_at.map(PlaceRecord::log_id),
            self.membership.membership(),
        )
    }

    pub(crate) fn set_meta(&mut self, meta: &SnapshotMeta) {
        self.last = meta.last_log_id.map(PlaceRecord::from);
        self.membership = meta.last_membership.membership().into();
        self.membership_at = meta.last_membership.log_id().map(PlaceRecord::from);
        self.id.clone_from(&meta.snapshot_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_anywhere_is_noticed() {
        let record = EntryRecord {
            format: FORMAT,
            term: 3,
            index: 9,
            payload: PayloadRecord::Entries(vec![
                Blob(Bytes::from_static(b"one")),
                Blob(Bytes::new()),
            ]),
        };
        let sealed = encode(b"key", &record).unwrap();
        assert_eq!(decode::<EntryRecord>(b"key", &sealed), Ok(record));
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 0x10;
            assert!(
                matches!(
                    decode::<EntryRecord>(b"key", &changed),
                    Err(RecordError::Checksum { .. })
                ),
                "{position}"
            );
            assert!(decode::<EntryRecord>(b"key", &sealed[..position]).is_err());
        }
        assert!(matches!(
            decode::<EntryRecord>(b"kez", &sealed),
            Err(RecordError::Checksum { .. })
        ));
    }

    #[test]
    fn a_newer_format_is_called_newer() {
        let newer = Sequence {
            format: FORMAT + 1,
            commits: 4,
        };
        let sealed = encode(b"k", &newer).unwrap();
        let error = decode::<Sequence>(b"k", &sealed).unwrap_err();
        assert_eq!(
            error,
            RecordError::NewerFormat {
                found: FORMAT + 1,
                known: FORMAT
            }
        );
        assert!(error.to_string().contains("start a newer version"));
    }

    #[test]
    fn missing_fields_have_defaults_and_unknown_ones_are_skipped() {
        #[derive(Serialize)]
        struct Other {
            format: u32,
            later: Vec<u8>,
        }
        let old = Other {
            format: 1,
            later: vec![1, 2],
        };
        let mut bytes = Vec::new();
        ciborium::into_writer(&old, &mut bytes).unwrap();
        assert_eq!(
            from_cbor::<EntryRecord>(&bytes),
            Ok(EntryRecord {
                format: 1,
                ..EntryRecord::default()
            })
        );
    }
}
