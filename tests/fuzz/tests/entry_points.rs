//! Every entry point with random bytes and with damaged seeds: what a fuzzer does, without one.

use std::collections::BTreeSet;

use hm_fuzz::{ENTRY_POINTS, EntryPoint};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// One damage to an input.
#[derive(Clone, Debug)]
enum Damage {
    Insert(Index, u8),
    Replace(Index, u8),
    Remove(Index),
    /// Repeats a piece of the input.
    Repeat(Index, Index),
    /// Ends the input there.
    Cut(Index),
    /// Puts a seed of any entry point there.
    Splice(Index, Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    // Characters that mean something somewhere, more often than the rest.
    let byte = || {
        prop_oneof![
            any::<u8>(),
            proptest::sample::select(b"0129.,:;/@-+*%=[](){}\"'# \n\0azAZ_".to_vec())
        ]
    };
    let index = any::<Index>;
    prop_oneof![
        (index(), byte()).prop_map(|(at, byte)| Damage::Insert(at, byte)),
        (index(), byte()).prop_map(|(at, byte)| Damage::Replace(at, byte)),
        index().prop_map(Damage::Remove),
        (index(), index()).prop_map(|(from, to)| Damage::Repeat(from, to)),
        index().prop_map(Damage::Cut),
        (index(), index()).prop_map(|(at, seed)| Damage::Splice(at, seed)),
    ]
}

impl Damage {
    fn apply(&self, data: &mut Vec<u8>) {
        let end = data.len() + 1;
        match self {
            Self::Insert(at, byte) => data.insert(at.index(end), *byte),
            Self::Replace(at, byte) => {
                let at = at.index(end);
                data.truncate(data.len().max(at));
                if let Some(here) = data.get_mut(at) {
                    *here = *byte;
                }
            }
            Self::Remove(at) if !data.is_empty() => drop(data.remove(at.index(data.len()))),
            Self::Remove(_) => {}
            Self::Repeat(from, to) => {
                let (from, to) = (from.index(end), to.index(end));
                data.extend_from_within(from.min(to)..from.max(to));
            }
            Self::Cut(at) => data.truncate(at.index(end)),
            Self::Splice(at, seed) => {
                let all: Vec<Vec<u8>> = ENTRY_POINTS
                    .iter()
                    .flat_map(|entry| (entry.seeds)())
                    .collect();
                let at = at.index(end);
                data.splice(at..at, seed.get(&all).iter().copied());
            }
        }
    }
}

fn entry_point() -> impl Strategy<Value = EntryPoint> {
    proptest::sample::select(ENTRY_POINTS)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(data in vec(any::<u8>(), 0..64)) {
        for entry in ENTRY_POINTS {
            (entry.run)(&data);
        }
    }

    #[test]
    fn random_text(text in "\\PC{0,40}") {
        for entry in ENTRY_POINTS {
            (entry.run)(text.as_bytes());
        }
    }

    #[test]
    fn damaged_seeds(entry in entry_point(), seed in any::<Index>(), damages in vec(damage(), 1..6)) {
        let seeds = (entry.seeds)();
        let mut data = seed.get(&seeds).clone();
        for damage in &damages {
            damage.apply(&mut data);
        }
        (entry.run)(&data);
    }
}

#[test]
fn seeds_of_every_entry_point_go_through_every_other() {
    for seed in ENTRY_POINTS.iter().flat_map(|entry| (entry.seeds)()) {
        for entry in ENTRY_POINTS {
            (entry.run)(&seed);
        }
    }
}

#[test]
fn every_entry_point_has_its_fuzz_target() {
    let names: BTreeSet<String> = ENTRY_POINTS
        .iter()
        .map(|entry| entry.name.to_owned())
        .collect();
    let targets = concat!(env!("CARGO_MANIFEST_DIR"), "/cargo-fuzz/fuzz_targets");
    let files = std::fs::read_dir(targets).expect("the fuzz targets are here");
    let files: BTreeSet<String> = files
        .map(|file| file.expect("readable").path())
        .map(|path| {
            let name = path
                .file_stem()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            let source = std::fs::read_to_string(&path).expect("readable");
            assert!(
                source.contains(&format!("hm_fuzz::{name}(data)")),
                "{name} calls something else"
            );
            name
        })
        .collect();
    assert_eq!(names, files);
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/cargo-fuzz/Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).expect("the manifest is here");
    for name in &names {
        assert!(
            manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")),
            "{name} is not in the manifest"
        );
    }
}
