//! Where an agent keeps its view between starts: one small record, replaced whole.

use std::io;

use bytes::Bytes;
use hm_ports::BoxFuture;

use crate::view::View;

/// A place for one record. `save` has written durably, or changed nothing, when it comes back.
pub trait Keep: Send + Sync + 'static {
    fn load(&self) -> BoxFuture<io::Result<Option<Bytes>>>;
    fn save(&self, record: Bytes) -> BoxFuture<io::Result<()>>;
}

#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    #[error("what this node kept of the cluster cannot be read")]
    Io(#[source] io::Error),
    #[error("what this node learned of the cluster cannot be written")]
    Save(#[source] io::Error),
    #[error("what this node kept of the cluster is damaged: {reason}")]
    Damaged { reason: String },
}

/// Checksum first, then CBOR.
const HEAD: usize = 4;

pub(crate) fn to_record(view: &View) -> Bytes {
    let body = hm_protocol::encode(view);
    let mut record = Vec::with_capacity(HEAD + body.len());
    record.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
    record.extend_from_slice(&body);
    Bytes::from(record)
}

pub(crate) fn from_record(record: &[u8]) -> Result<View, KeepError> {
    let damaged = |reason: String| KeepError::Damaged { reason };
    let (head, body) = record
        .split_first_chunk::<HEAD>()
        .ok_or_else(|| damaged("it is cut".to_owned()))?;
    if crc32fast::hash(body) != u32::from_le_bytes(*head) {
        return Err(damaged("its checksum differs".to_owned()));
    }
    hm_protocol::decode(body).map_err(|error| damaged(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_and_damage_anywhere_in_it_is_noticed() {
        let view = View {
            revision: 77,
            ..View::default()
        };
        let record = to_record(&view);
        assert_eq!(from_record(&record).unwrap(), view);
        for bit in 0..record.len() * 8 {
            let mut damaged = record.to_vec();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(from_record(&damaged).is_err(), "bit {bit}");
        }
        for len in 0..record.len() {
            assert!(from_record(&record[..len]).is_err(), "cut to {len} bytes");
        }
    }
}
