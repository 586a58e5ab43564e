//! Bytes that are not what they were: never a panic, always an error that says what is wrong.

use hm_state::{
    Entry, Envelope, EnvelopeError, FORMAT, Reply, SNAPSHOT_FORMAT, SnapshotError, State,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::log::{Log, snapshot};
use crate::objects::{deployed, namespace, place, replica};

fn small() -> Vec<u8> {
    let mut log = Log::of_nodes(2);
    log.done(deployed("web", 1, vec![replica("web.0-1", Some(2))]));
    log.apply(&log.requested(7, Entry::CreateNamespace(namespace("shop"))));
    snapshot(&log.state)
}

fn restore(bytes: &[u8]) -> Result<State, SnapshotError> {
    State::restore(std::iter::once(bytes))
}

fn frame(value: &ciborium::Value) -> Vec<u8> {
    let mut body = Vec::new();
    ciborium::into_writer(value, &mut body).unwrap();
    framed(&body)
}

fn framed(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap();
    [
        &length.to_le_bytes()[..],
        &crc32fast::hash(body).to_le_bytes(),
        body,
    ]
    .concat()
}

/// Where each frame of a snapshot ends.
fn ends(bytes: &[u8]) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length: [u8; 4] = bytes[at..at + 4].try_into().unwrap();
        at += 8 + u32::from_le_bytes(length) as usize;
        ends.push(at);
    }
    ends
}

#[test]
fn a_flipped_bit_is_found_wherever_it_is() {
    let intact = small();
    let ends = ends(&intact);
    for place in 0..intact.len() {
        let mut bytes = intact.clone();
        bytes[place] ^= 1 << (place % 8);
        let in_frame = ends.partition_point(|end| *end <= place) as u64;
        match restore(&bytes).map(|_| "restored").unwrap_err() {
            SnapshotError::Damaged { frame, .. } => assert_eq!(frame, in_frame),
            error @ (SnapshotError::Newer { .. } | SnapshotError::Cut { .. }) => {
                panic!("byte {place}: {error}")
            }
        }
    }
}

#[test]
fn a_cut_is_found_wherever_it_is() {
    let intact = small();
    let ends = ends(&intact);
    for place in 0..intact.len() {
        let whole = ends.partition_point(|end| *end <= place) as u64;
        let at_an_end = place == 0 || ends.contains(&place);
        match restore(&intact[..place]).map(|_| "restored").unwrap_err() {
            SnapshotError::Cut { frame } => assert!(at_an_end && frame == whole, "{place}"),
            SnapshotError::Damaged { frame, reason } => {
                assert!(
                    !at_an_end && frame == whole && reason.ends_with("is cut"),
                    "{place}: {reason}"
                );
            }
            error @ SnapshotError::Newer { .. } => panic!("byte {place}: {error}"),
        }
    }
}

#[test]
fn missing_doubled_and_misplaced_frames_are_found() {
    let intact = small();
    let ends = ends(&intact);
    let frames: Vec<&[u8]> = std::iter::once(0)
        .chain(ends.iter().copied())
        .zip(&ends)
        .map(|(start, end)| &intact[start..*end])
        .collect();
    let (head, last) = (frames[0], frames[frames.len() - 1]);
    for number in 1..frames.len() - 1 {
        let mut missing = frames.clone();
        missing.remove(number);
        let mut doubled = frames.clone();
        doubled.insert(number, frames[number]);
        for wrong in [missing.concat(), doubled.concat()] {
            let error = restore(&wrong).unwrap_err().to_string();
            assert!(
                error.ends_with("frames are missing or too many before it"),
                "{error}"
            );
        }
    }
    let nothing: &[u8] = &[];
    let no_head = frames[1..].concat();
    let two_heads = [head, &intact].concat();
    let after_the_end = [&intact, frames[1]].concat();
    let two_ends = [&intact, last].concat();
    for wrong in [&no_head, &two_heads, &after_the_end, &two_ends] {
        let error = restore(wrong).unwrap_err().to_string();
        assert!(error.ends_with("it stands in the wrong place"), "{error}");
    }
    assert!(matches!(
        restore(nothing).unwrap_err(),
        SnapshotError::Cut { frame: 0 }
    ));
    let padded = [&intact, nothing, &[0; 8]].concat();
    assert!(matches!(
        restore(&padded).unwrap_err(),
        SnapshotError::Damaged { .. }
    ));
}

#[test]
fn a_newer_snapshot_is_named_as_such() {
    use ciborium::Value::{Integer, Map, Text};
    let newer = Integer((SNAPSHOT_FORMAT + 1).into());
    // Nothing of it is like ours but where its number stands.
    let header = Map(vec![(Text("format".to_owned()), newer)]);
    let head = frame(&Map(vec![(Text("header".to_owned()), header)]));
    let error = restore(&[head, framed(b"whatever else")].concat()).unwrap_err();
    let expected =
        "the snapshot has format 2, this build reads up to 1: start a newer hivemind-daemon";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_newer_entry_is_named_as_such() {
    use ciborium::Value::{Integer, Map, Text};
    let newer = Envelope {
        format: FORMAT + 1,
        ..Log::founded().envelope(place(vec![]))
    };
    let unlike = Map(vec![
        (
            Text("entry".to_owned()),
            Text("of a kind not known here".to_owned()),
        ),
        (Text("format".to_owned()), Integer(7.into())),
    ]);
    let mut unlike_bytes = Vec::new();
    ciborium::into_writer(&unlike, &mut unlike_bytes).unwrap();
    for (bytes, found) in [(newer.to_bytes(), 2), (unlike_bytes, 7)] {
        let error = Envelope::from_bytes(&bytes).unwrap_err().to_string();
        let expected = format!(
            "the entry has format {found}, this build reads up to 1: start a newer hivemind-daemon"
        );
        assert_eq!(error, expected);
    }
}

#[test]
fn nothing_may_follow_an_entry_or_an_answer() {
    let mut bytes = Log::founded().envelope(place(vec![])).to_bytes();
    bytes.push(0);
    let error = Envelope::from_bytes(&bytes).unwrap_err();
    assert!(
        matches!(&error, EnvelopeError::Unreadable { reason } if reason == "1 bytes follow its end")
    );
    let mut bytes = Reply::Refused(hm_state::Refused::NotYours).to_bytes();
    assert!(Reply::from_bytes(&bytes).is_ok());
    bytes.push(0);
    assert!(Reply::from_bytes(&bytes).is_err());
}

#[test]
fn a_large_snapshot_comes_in_chunks() {
    let mut log = Log::of_nodes(2);
    log.done(deployed("web", 1, vec![]));
    let many = (0..4_000)
        .map(|slot| replica(&format!("web.{slot}-1"), Some(1 + slot % 2)))
        .collect();
    log.done(place(many));
    let mut writer = log.state.snapshot();
    let chunks: Vec<Vec<u8>> = std::iter::from_fn(|| writer.next_chunk()).collect();
    assert_eq!(writer.next_chunk(), None);
    let (last, full) = chunks.split_last().unwrap();
    assert!(full.len() >= 2, "{} chunks", chunks.len());
    assert!(
        full.iter()
            .all(|chunk| (256 * 1024..270 * 1024).contains(&chunk.len()))
    );
    assert!(!last.is_empty());
    let again = State::restore(chunks.iter()).unwrap();
    assert_eq!(snapshot(&again), chunks.concat());
    // Chunks hold whole frames: one that is lost is missed.
    assert!(matches!(
        State::restore(full.iter()).unwrap_err(),
        SnapshotError::Cut { .. }
    ));
    assert!(State::restore(chunks[1..].iter()).is_err());
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_refused_in_peace(bytes in vec(any::<u8>(), 0..300)) {
        let _ = Envelope::from_bytes(&bytes);
        let _ = Reply::from_bytes(&bytes);
        prop_assert!(restore(&bytes).is_err());
        // With a right checksum the bytes come further.
        prop_assert!(restore(&framed(&bytes)).is_err());
        let head = &small()[..ends(&small())[0]];
        prop_assert!(restore(&[head, &framed(&bytes)].concat()).is_err());
    }

    #[test]
    fn a_changed_entry_is_read_or_refused(place in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut log = Log::of_nodes(2);
        let entry = deployed("web", 1, vec![replica("web.0-1", Some(2))]);
        let mut bytes = log.requested(7, entry).to_bytes();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if cut {
            bytes.truncate(place);
        }
        if let Ok(envelope) = Envelope::from_bytes(&bytes) {
            log.apply(&envelope);
        }
    }
}
