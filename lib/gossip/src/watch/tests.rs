//! The steps from silence to the verdict, and who is watched.

use super::*;

const OWN: NodeId = NodeId::from_u64(10);
const HIGHER: NodeId = NodeId::from_u64(20);
const LOWER: NodeId = NodeId::from_u64(5);

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn timing() -> Timing {
    Timing::from(ms(1_000), 3, 3)
}

fn watch(neighbours: &[NodeId]) -> Watch {
    let mut watch = Watch::new(OWN);
    watch.set_neighbours(neighbours, |_| true, ms(0), &timing());
    watch
}

/// Every step until `end`, with its time in milliseconds.
fn steps(watch: &mut Watch, end: Duration) -> Vec<(u128, Step)> {
    let mut steps = Vec::new();
    while let Some(now) = watch.next().filter(|at| *at <= end) {
        let due = watch.due(now, &timing());
        steps.extend(due.into_iter().map(|step| (now.as_millis(), step)));
    }
    steps
}

#[test]
fn silence_goes_its_way() {
    let mut watch = watch(&[HIGHER]);
    let all = steps(&mut watch, ms(3_200));
    let pings: Vec<u128> = all
        .iter()
        .filter(|(_, step)| matches!(step, Step::Ping(..)))
        .map(|(at, _)| *at)
        .collect();
    assert_eq!(pings[..5], [500, 650, 800, 950, 1_000]);
    let rest: Vec<&(u128, Step)> = all
        .iter()
        .filter(|(_, step)| !matches!(step, Step::Ping(..)))
        .collect();
    assert_eq!(
        rest,
        [
            &(800, Step::PingThrough(HIGHER, 1)),
            &(1_000, Step::Doubt(HIGHER)),
            &(1_150, Step::PingThrough(HIGHER, 1)),
            &(1_600, Step::PingThrough(HIGHER, 1)),
            &(1_800, Step::Suspect(HIGHER)),
            &(1_950, Step::PingThrough(HIGHER, 1)),
            &(2_400, Step::PingThrough(HIGHER, 1)),
            &(2_600, Step::Lost(HIGHER)),
            &(3_100, Step::PingThrough(HIGHER, 1)),
            &(3_100, Step::Lost(HIGHER)),
        ]
    );
}

#[test]
fn of_a_pair_the_lower_one_asks() {
    assert_eq!(watch(&[HIGHER]).next(), Some(ms(500)));
    assert_eq!(watch(&[LOWER]).next(), Some(ms(600)));
}

#[test]
fn a_sign_of_life_ends_it() {
    let mut watch = watch(&[HIGHER]);
    assert!(!watch.heard(HIGHER, ms(400), &timing()));
    assert_eq!(watch.next(), Some(ms(900)));
    steps(&mut watch, ms(1_500));
    assert!(watch.doubts(HIGHER));
    assert!(watch.heard(HIGHER, ms(1_500), &timing()));
    assert!(!watch.doubts(HIGHER));
    assert_eq!(watch.next(), Some(ms(2_000)));
}

#[test]
fn others_vouch_for_the_present_question_only() {
    let mut watch = watch(&[HIGHER]);
    steps(&mut watch, ms(1_000));
    watch.heard(HIGHER, ms(1_000), &timing());
    steps(&mut watch, ms(2_100));
    assert!(watch.doubts(HIGHER));
    assert!(!watch.vouched(HIGHER, 1, ms(2_100), &timing()));
    assert!(watch.doubts(HIGHER));
    assert!(watch.vouched(HIGHER, 2, ms(2_100), &timing()));
    assert!(!watch.doubts(HIGHER));
}

#[test]
fn time_asleep_is_no_silence() {
    let mut watch = watch(&[HIGHER]);
    steps(&mut watch, ms(700));
    // Paused until 3 s: everything is overdue, and nobody is to blame.
    watch.forgive(ms(2_200), ms(3_000));
    let due = watch.due(ms(3_000), &timing());
    assert_eq!(due, [Step::Ping(HIGHER, 1), Step::PingThrough(HIGHER, 1)]);
    assert!(!watch.doubts(HIGHER));
}

#[test]
fn guests_stay_only_while_they_owe_an_answer() {
    let mut watch = watch(&[HIGHER]);
    let guests: Vec<NodeId> = (31..34).map(NodeId::from_u64).collect();
    for guest in &guests {
        assert!(watch.wants_guests());
        watch.invite(*guest, ms(100));
    }
    assert!(!watch.wants_guests());
    assert_eq!(watch.due(ms(100), &timing()).len(), 3);
    watch.heard(guests[0], ms(110), &timing());
    assert!(!watch.watches(guests[0]));
    assert!(watch.wants_guests());
}

#[test]
fn the_ring_closes_behind_the_dead() {
    let [a, b, c] = [21, 22, 23].map(NodeId::from_u64);
    let mut watch = watch(&[a, b]);
    steps(&mut watch, ms(1_000));
    // b went down and c is the next one; a is asked anew only when its time comes.
    watch.set_neighbours(&[a, c], |node| node != b, ms(1_000), &timing());
    assert!(watch.watches(a) && watch.watches(c) && !watch.watches(b));
    // Somebody comes in between: who is in doubt stays until that is settled, the others go.
    watch.set_neighbours(&[HIGHER], |_| true, ms(1_100), &timing());
    assert!(watch.watches(a) && !watch.watches(c));
    watch.heard(a, ms(1_200), &timing());
    assert!(!watch.watches(a));
}
