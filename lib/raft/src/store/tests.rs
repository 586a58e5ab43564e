//! Damage and power failures: what was acknowledged is there, bit for bit, or the damage is named.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use openraft::EntryPayload;
use rand08::rngs::StdRng;
use rand08::{Rng, SeedableRng};

use super::*;
use crate::record::{PlaceRecord, SnapshotRecord};
use crate::testing::{InlineDisk, Medium};
use crate::types::{Batch, Entry, Vote, log_id};

const NODE: NodeId = NodeId::from_u64(7);

/// What a store was told, and answered yes to.
#[derive(Clone, Default, PartialEq)]
struct Told {
    vote: Option<VoteRecord>,
    entries: BTreeMap<u64, (u64, Vec<Bytes>)>,
    purged: Option<u64>,
    snapshot: Option<(String, Vec<Bytes>)>,
}

/// The payloads are too long to look at.
impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let entries: Vec<_> = self
            .entries
            .iter()
            .map(|(index, (term, payload))| (index, term, payload.len()))
            .collect();
        let snapshot = self
            .snapshot
            .as_ref()
            .map(|(id, chunks)| (id, chunks.len()));
        write!(
            f,
            "{:?} purged {:?} snapshot {snapshot:?} {entries:?}",
            self.vote, self.purged
        )
    }
}

fn now<F: Future>(future: F) -> F::Output {
    futures_util::FutureExt::now_or_never(future).expect("an inline disk never waits")
}

fn open(medium: &Medium) -> Result<Store, StoreError> {
    now(Store::open(
        Storage::backend("memory", medium.attach()),
        NODE,
        Arc::new(InlineDisk),
    ))
}

/// As a file that existed: nothing at all is damage, too.
fn reopen(bytes: Vec<u8>) -> Result<Store, StoreError> {
    let storage = Storage {
        name: "memory".to_owned(),
        backend: Box::new(Medium::with_bytes(bytes).attach()),
        birth: Birth::Never,
    };
    now(Store::open(storage, NODE, Arc::new(InlineDisk)))
}

fn entry(term: u64, index: u64, payload: &[Bytes]) -> Entry {
    Entry {
        log_id: log_id(term, index),
        payload: EntryPayload::Normal(Batch(payload.to_vec())),
    }
}

/// Everything the store holds, read back the way raft reads it.
fn contents(store: &Store) -> Result<Told, StoreError> {
    let (purged, _) = store.log_ends();
    let mut told = Told {
        vote: store.vote(),
        purged: purged.map(|id| id.index),
        ..Told::default()
    };
    for entry in now(store.entries(0..u64::MAX, usize::MAX))? {
        let EntryPayload::Normal(batch) = entry.payload else {
            panic!("only batches were written")
        };
        told.entries
            .insert(entry.log_id.index, (entry.log_id.leader_id.term, batch.0));
    }
    if let Some(snapshot) = store.snapshot() {
        let chunks = (0..snapshot.record().chunks).map(|number| now(snapshot.chunk(number)));
        told.snapshot = Some((
            snapshot.record().id.clone(),
            chunks.collect::<Result<_, _>>()?,
        ));
    }
    Ok(told)
}

/// One random thing that raft may ask for. `told` is changed as if the answer were yes.
fn act(store: &Store, told: &mut Told, rng: &mut StdRng) -> Result<(), StoreError> {
    let last = told
        .entries
        .last_key_value()
        .map(|(index, (term, _))| (*index, *term));
    let (next, term) = match (last, told.purged) {
        (Some((index, term)), _) => (index + 1, term),
        (None, Some(purged)) => (purged + 1, 99),
        (None, None) => (0, 1),
    };
    match rng.gen_range(0..10) {
        0 => {
            let vote = VoteRecord::from(&Vote::new(rng.gen_range(0..1000), rng.gen_range(0..5)));
            told.vote = Some(vote.clone());
            now(store.save_vote(vote))
        }
        1 if told.entries.len() > 3 => {
            let from = next - rng.gen_range(1..3);
            told.entries.split_off(&from);
            now(store.truncate(from))
        }
        2 if told.entries.len() > 8 => {
            let (upto, (upto_term, _)) = told
                .entries
                .iter()
                .nth(4)
                .map(|(i, e)| (*i, e.clone()))
                .expect("more than 8");
            let chunks: Vec<Bytes> = (0..rng.gen_range(0..4))
                .map(|_| random_bytes(rng, 20_000))
                .collect();
            let id = format!("{upto}-{}", rng.r#gen::<u32>());
            told.snapshot = Some((id.clone(), chunks.clone()));
            take_snapshot(
                store,
                PlaceRecord::from(log_id(upto_term, upto)),
                id,
                chunks,
            )?;
            told.purged = Some(upto);
            told.entries = told.entries.split_off(&(upto + 1));
            now(store.purge(log_id(upto_term, upto)))
        }
        _ => {
            let term = term + u64::from(rng.gen_bool(0.1));
            let added: Vec<Entry> = (0..rng.gen_range(1..4))
                .map(|offset| {
                    let payload: Vec<Bytes> = (0..rng.gen_range(0..3))
                        .map(|_| random_bytes(rng, 3_000))
                        .collect();
                    told.entries.insert(next + offset, (term, payload.clone()));
                    entry(term, next + offset, &payload)
                })
                .collect();
            now(store.append(added))
        }
    }
}

fn take_snapshot(
    store: &Store,
    last: PlaceRecord,
    id: String,
    chunks: Vec<Bytes>,
) -> Result<(), StoreError> {
    let mut building = store.build_snapshot();
    for chunk in chunks {
        now(building.push(chunk))?;
    }
    let record = SnapshotRecord {
        format: FORMAT,
        last: Some(last),
        id,
        ..SnapshotRecord::default()
    };
    now(building.finish(record).make_current())
}

fn random_bytes(rng: &mut StdRng, longest: usize) -> Bytes {
    let length = rng.gen_range(0..longest);
    (0..length).map(|_| rng.r#gen::<u8>()).collect()
}

/// A store with some history, closed in order or cut off after its last acknowledgement.
fn image(seed: u64, ending: Ending) -> (Vec<u8>, Told) {
    let mut rng = StdRng::seed_from_u64(seed);
    let medium = Medium::new();
    let store = open(&medium).expect("a new store");
    let mut told = Told::default();
    for _ in 0..60 {
        act(&store, &mut told, &mut rng).expect("a sound medium");
    }
    match ending {
        Ending::Closed => now(store.close()),
        Ending::CutOff => medium.crash(seed),
    }
    (medium.bytes(), told)
}

#[derive(Clone, Copy, Debug)]
enum Ending {
    Closed,
    CutOff,
}

/// Whether the damage is named; otherwise all that was acknowledged must be there.
fn is_named_or_harmless(bytes: Vec<u8>, told: &Told, what: &str) -> bool {
    let opened = catch_unwind(AssertUnwindSafe(|| {
        reopen(bytes).and_then(|store| contents(&store))
    }));
    match opened {
        Err(_) => panic!("{what}: panicked"),
        Ok(Ok(found)) => {
            assert_eq!(found, *told, "{what}: silently changed");
            false
        }
        Ok(Err(error)) => {
            let message = error.to_string();
            assert!(message.starts_with("memory "), "{what}: {message}");
            true
        }
    }
}

/// Positions over the whole image: the front and redb's header byte by byte, the rest at random, most of them in use.
fn positions(bytes: &[u8], rng: &mut StdRng, many: usize) -> Vec<usize> {
    let front = usize::try_from(marked::FRONT).expect("small");
    let dense = (0..24).chain(4096..4120).chain(front..front + 320);
    let used: Vec<usize> = (front + 320..bytes.len())
        .filter(|position| bytes[*position] != 0)
        .collect();
    let sampled: Vec<usize> = (0..many)
        .map(|_| used[rng.gen_range(0..used.len())])
        .collect();
    let anywhere: Vec<usize> = (0..many / 5)
        .map(|_| rng.gen_range(0..bytes.len()))
        .collect();
    dense.chain(sampled).chain(anywhere).collect()
}

fn flip(ending: Ending, seed: u64, many: usize) {
    let (bytes, told) = image(seed, ending);
    assert!(!is_named_or_harmless(bytes.clone(), &told, "untouched"));
    let mut rng = StdRng::seed_from_u64(seed);
    let mut named = 0;
    let positions = positions(&bytes, &mut rng, many);
    for position in &positions {
        let mut damaged = bytes.clone();
        damaged[*position] ^= 1 << rng.gen_range(0..8);
        named += usize::from(is_named_or_harmless(
            damaged,
            &told,
            &format!("{ending:?} {position}"),
        ));
    }
    println!(
        "{ending:?}: {named} of {} flips named, {} bytes",
        positions.len(),
        bytes.len()
    );
    assert!(named > positions.len() / 4, "most bytes in use matter");
}

#[test]
fn a_flipped_byte_is_named_or_harmless_after_a_clean_close() {
    flip(Ending::Closed, 1, 400);
}

#[test]
fn a_flipped_byte_is_named_or_harmless_after_a_power_failure() {
    flip(Ending::CutOff, 2, 400);
}

#[test]
fn a_cut_off_file_is_named() {
    for (ending, seed) in [(Ending::Closed, 3), (Ending::CutOff, 4)] {
        let (bytes, told) = image(seed, ending);
        let mut rng = StdRng::seed_from_u64(seed);
        let ends = [0, 1, 20, 4096, 8192, 8192 + 319, 8192 + 4096].into_iter();
        for end in ends.chain((0..60).map(|_| rng.gen_range(0..bytes.len()))) {
            is_named_or_harmless(
                bytes[..end].to_vec(),
                &told,
                &format!("{ending:?} cut at {end}"),
            );
        }
        assert!(is_named_or_harmless(
            bytes[..bytes.len() / 2].to_vec(),
            &told,
            "half"
        ));
        assert!(is_named_or_harmless(Vec::new(), &told, "nothing"));
    }
}

#[test]
fn a_damaged_store_is_left_as_it_was() {
    let (bytes, _) = image(5, Ending::CutOff);
    let start = usize::try_from(marked::FRONT).expect("small");
    let used: Vec<usize> = (start + 4096..bytes.len())
        .filter(|position| bytes[*position] != 0)
        .collect();
    let mut refused = 0;
    for position in used.iter().step_by(used.len() / 20) {
        let mut damaged = bytes.clone();
        damaged[*position] ^= 0x20;
        let medium = Medium::with_bytes(damaged.clone());
        if open(&medium).is_err() {
            refused += 1;
            assert_eq!(medium.bytes(), damaged, "{position}");
        }
    }
    assert!(refused > 0);
}

#[test]
fn what_was_acknowledged_survives_a_thousand_power_failures() {
    let mut rng = StdRng::seed_from_u64(11);
    let mut crashes = 0;
    while crashes < 1_000 {
        let medium = Medium::new();
        let mut told = Told::default();
        // A store lives through 20 crashes, the first of them maybe while it is made.
        for _ in 0..20 {
            crashes += 1;
            live_until_the_power_fails(&medium, &mut told, &mut rng);
        }
    }
}

fn live_until_the_power_fails(medium: &Medium, told: &mut Told, rng: &mut StdRng) {
    medium.fail_after(rng.gen_range(0..120));
    let mut unsure = None;
    if let Ok(store) = open(medium) {
        loop {
            let mut after = told.clone();
            if act(&store, &mut after, rng).is_err() {
                unsure = Some(after);
                break;
            }
            *told = after;
        }
    }
    medium.crash(rng.r#gen());
    let store = open(medium).unwrap_or_else(|error| panic!("after a crash: {error}"));
    let found = contents(&store).expect("readable");
    if found != *told {
        // What was under way may have happened, whole or, being two commits, its first half.
        let after = unsure.unwrap_or_else(|| panic!("nothing was under way\n{found:?}\n{told:?}"));
        let half = Told {
            snapshot: after.snapshot.clone(),
            ..told.clone()
        };
        assert!(
            found == after || found == half,
            "neither before nor after\n{found:?}\n{told:?}\n{after:?}"
        );
        *told = found;
    }
}

#[test]
fn another_node_and_newer_versions_are_refused() {
    let (bytes, _) = image(6, Ending::Closed);
    let storage = Storage::backend("memory", Medium::with_bytes(bytes).attach());
    let other = now(Store::open(
        storage,
        NodeId::from_u64(8),
        Arc::new(InlineDisk),
    ));
    assert!(matches!(other, Err(StoreError::OtherNode { .. })));

    let medium = Medium::new();
    let store = open(&medium).expect("a new store");
    let newer = VoteRecord {
        format: FORMAT + 1,
        term: 5,
        ..VoteRecord::default()
    };
    now(store.save_vote(newer)).expect("writable");
    now(store.close());
    let error = open(&medium).err().expect("newer").to_string();
    assert!(error.contains("start a newer version"), "{error}");
}

#[test]
fn a_file_has_its_name_only_when_it_is_complete() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("raft.redb");
    let disk: Arc<dyn Disk> = Arc::new(InlineDisk);
    let storage = Storage::file(&path).expect("a new file");
    assert!(!path.exists());
    let store = now(Store::open(storage, NODE, disk.clone())).expect("a new store");
    assert!(path.exists());
    let second = now(Store::open(
        Storage::file(&path).expect("openable"),
        NODE,
        disk.clone(),
    ));
    assert!(
        matches!(second, Err(StoreError::InUse { .. })),
        "{:?}",
        second.err()
    );
    now(store.append(vec![entry(1, 0, &[Bytes::from_static(b"a")])])).expect("writable");
    now(store.close());
    let store = now(Store::open(
        Storage::file(&path).expect("openable"),
        NODE,
        disk,
    ))
    .expect("sound");
    assert_eq!(now(store.entries(0..10, 1)).expect("readable").len(), 1);
}
