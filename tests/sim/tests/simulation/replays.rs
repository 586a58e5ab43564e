//! A seed decides everything: a failing run is found again by it.

use hm_sim::{Sync, run};

#[test]
fn a_seed_replays_exactly_whatever_ran_before() {
    let seeds = [3, 7, 12, 20];
    let first: Vec<_> = seeds.iter().map(|seed| run(*seed, Sync::Real)).collect();
    // Backwards and on another thread: nothing may be left over from the runs before.
    for (seed, report) in seeds.iter().zip(&first).rev() {
        assert!(report.lines.len() > 50, "seed {seed} hardly ran");
        let again = std::thread::scope(|scope| {
            let other = scope.spawn(|| run(*seed, Sync::Real));
            other.join().expect("a run does not panic")
        });
        assert_eq!(again, *report, "seed {seed}, on another thread");
    }
    assert_eq!(run(seeds[0], Sync::Real), first[0]);
    assert_ne!(first[0].checksum, first[1].checksum);
}

/// Seeds are tried until one shows the bug; the first few must.
const TRIES: u64 = 10;

#[test]
fn a_planted_bug_is_found_and_found_again_by_its_seed() {
    let found = (1..=TRIES)
        .map(|seed| (seed, run(seed, Sync::Lie)))
        .find(|(_, report)| !report.violations.is_empty());
    let (seed, report) = found.expect("a disk that lies about syncing must be noticed");
    assert_eq!(run(seed, Sync::Lie), report);
    assert!(
        run(seed, Sync::Real).violations.is_empty(),
        "without the bug seed {seed} is sound"
    );
}
