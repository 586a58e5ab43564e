//! What servers keep and what nodes send each other: entries of the log, snapshots, messages.

use std::fmt::Debug;

use hm_protocol::agent::{Down, Hello, Up};
use hm_protocol::server::{Heard, Proposal};
use hm_protocol::{decode, encode};
use hm_state::{Envelope, Reply, State};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The bytes that every release must read: lines of a name and hex digits.
const FORMAT_1: &str = include_str!("../../../lib/state/tests/it/golden/format-1.txt");
const PROTOCOL_1: &str = include_str!("../../../lib/protocol/tests/it/protocol-1.txt");

/// Entries of the log, applied to a cluster that has something of everything, and answers to them.
pub fn entries(data: &[u8]) {
    if let Ok(envelope) = Envelope::from_bytes(data) {
        let written = envelope.to_bytes();
        assert_eq!(Envelope::from_bytes(&written).ok(), Some(envelope.clone()));
        for mut state in [State::default(), some_state()] {
            state.apply(state.revision() + 1, &envelope);
            assert_restores(&state);
        }
    }
    if let Ok(reply) = Reply::from_bytes(data) {
        assert_eq!(Reply::from_bytes(&reply.to_bytes()).ok(), Some(reply));
    }
}

pub(crate) fn entry_seeds() -> Vec<Vec<u8>> {
    lines(FORMAT_1, |name| name != "snapshot")
}

/// Snapshots, also with checksums that are put right, so that damage comes further.
pub fn snapshots(data: &[u8]) {
    for bytes in [data.to_vec(), with_right_checksums(data)] {
        if let Ok(state) = State::restore(std::iter::once(bytes)) {
            assert_restores(&state);
        }
    }
}

pub(crate) fn snapshot_seeds() -> Vec<Vec<u8>> {
    lines(FORMAT_1, |name| name == "snapshot")
}

/// What nodes send each other.
pub fn messages(data: &[u8]) {
    read::<Hello>(data);
    read::<Up>(data);
    read::<Down>(data);
    read::<Proposal>(data);
    read::<Heard>(data);
}

pub(crate) fn message_seeds() -> Vec<Vec<u8>> {
    lines(PROTOCOL_1, |_| true)
}

fn read<T: DeserializeOwned + Serialize + PartialEq + Debug>(data: &[u8]) {
    if let Ok(message) = decode::<T>(data) {
        assert_eq!(decode(&encode(&message)), Ok(message));
    }
}

fn assert_restores(state: &State) {
    let mut writer = state.snapshot();
    let chunks = std::iter::from_fn(|| writer.next_chunk());
    let again = State::restore(chunks).map(|again| again.revision());
    assert!(matches!(again, Ok(revision) if revision == state.revision()));
}

fn some_state() -> State {
    let snapshot = snapshot_seeds();
    State::restore(snapshot.iter()).unwrap_or_default()
}

/// Frames are a length, a checksum and a body.
fn with_right_checksums(data: &[u8]) -> Vec<u8> {
    let mut right = data.to_vec();
    let mut rest = right.as_mut_slice();
    while let Some((head, after)) = rest.split_first_chunk_mut::<8>() {
        let [length @ .., _, _, _, _] = *head;
        let length = u32::from_le_bytes(length) as usize;
        let Some((body, next)) = after.split_at_mut_checked(length) else {
            break;
        };
        head[4..].copy_from_slice(&crc32fast::hash(body).to_le_bytes());
        rest = next;
    }
    right
}

fn lines(text: &str, wanted: fn(&str) -> bool) -> Vec<Vec<u8>> {
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(name, _)| wanted(name))
        .map(|(_, hex)| {
            (0..hex.len())
                .step_by(2)
                .filter_map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok())
                .collect()
        })
        .collect()
}
