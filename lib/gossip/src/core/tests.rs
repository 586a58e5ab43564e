//! Bytes from anywhere, sealed and unsealed, do no harm.

use proptest::prelude::*;

use super::*;
use crate::codec::SOURCE;

const KEY: [u8; 32] = [7; 32];

fn core(node: u64) -> Core {
    let address = SocketAddr::from(([10, 0, 0, node as u8], 7946));
    let keys = KeyRing::new(KEY, []);
    let options = Options::new(NodeId::from_u64(node), 1_000, address, keys);
    Core::new(options, [node as u8; 32], Duration::ZERO).unwrap()
}

fn datagrams(core: &mut Core) -> Vec<Vec<u8>> {
    std::iter::from_fn(|| core.poll_output())
        .filter_map(|output| match output {
            Output::Send { datagram, .. } => Some(datagram),
            Output::MemberChanged(_) | Output::MemberForgotten(_) => None,
        })
        .collect()
}

/// Two cores that know each other.
fn pair() -> (Core, Core) {
    let (mut a, mut b) = (core(1), core(2));
    a.announce(b.own.address, Duration::ZERO);
    for step in 1..4 {
        let now = Duration::from_millis(step);
        for datagram in datagrams(&mut a) {
            b.handle_datagram(&datagram, now);
        }
        for datagram in datagrams(&mut b) {
            a.handle_datagram(&datagram, now);
        }
    }
    assert_eq!((a.active.len(), b.active.len()), (1, 1));
    (a, b)
}

fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let run = prop_oneof![
        Just((1u64, 1_000u64)),
        Just((2, 1_000)),
        Just((2, 999)),
        Just((3, 5)),
        Just((0, 0)),
        (any::<u64>(), 0..1u64 << 48)
    ];
    let body = proptest::collection::vec(any::<u8>(), 0..80);
    (run.clone(), run, any::<u16>(), 0u8..12, body).prop_map(
        |(source, to, incarnation, kind, body)| {
            let mut bytes = Vec::new();
            for (node, generation) in [source, to] {
                bytes.extend(node.to_le_bytes());
                bytes.extend(&generation.to_le_bytes()[..6]);
            }
            bytes.extend(incarnation.to_le_bytes());
            bytes.push(kind);
            bytes.extend(body);
            bytes
        },
    )
}

proptest! {
    /// Somebody with the key who does not keep to the rules.
    #[test]
    fn sealed_nonsense(messages in proptest::collection::vec(hostile(), 1..20)) {
        let (mut a, _) = pair();
        let mut seal = Seal::new(KeyRing::new(KEY, []), 99);
        for (step, message) in messages.iter().enumerate() {
            let now = Duration::from_millis(10 + step as u64 * 300);
            a.handle_datagram(&seal.close(message).unwrap(), now);
            a.handle_timeout(now);
            datagrams(&mut a);
        }
    }

    #[test]
    fn unsealed_nonsense(bytes: Vec<u8>) {
        let (mut a, _) = pair();
        let before = a.statistics();
        a.handle_datagram(&bytes, Duration::from_millis(10));
        let dropped = a.statistics().dropped;
        let all = dropped.malformed + dropped.version + dropped.key;
        prop_assert_eq!(all, 1);
        prop_assert_eq!(a.statistics().datagrams_in, before.datagrams_in + 1);
    }
}

#[test]
fn each_reason_has_its_counter() {
    let (mut a, mut b) = pair();
    let now = Duration::from_millis(600);
    b.handle_timeout(now);
    a.handle_timeout(now);
    let ping = datagrams(&mut a).remove(0);
    let mut wrong_version = ping.clone();
    wrong_version[0] = 9;
    let mut damaged = ping.clone();
    *damaged.last_mut().unwrap() ^= 1;
    for datagram in [&wrong_version, &ping[..20].to_vec(), &damaged, &ping, &ping] {
        b.handle_datagram(datagram, now);
    }
    // Our own datagram, come back to us.
    a.handle_datagram(&ping, now);
    let dropped = b.statistics().dropped;
    assert_eq!(dropped.version, 1);
    assert_eq!(dropped.malformed, 1);
    assert_eq!(dropped.key, 1);
    assert_eq!(dropped.replayed, 1);
    assert_eq!(a.statistics().dropped.foreign, 1);
    // An old run is answered, so that it learns to go beyond the newer one.
    let mut seal = Seal::new(KeyRing::new(KEY, []), 99);
    let mut old = vec![0; SOURCE];
    old[0] = 2;
    old[8] = 1;
    old.extend(1u64.to_le_bytes());
    old.extend(&1_000u64.to_le_bytes()[..6]);
    old.extend([0, 0, 1, 10, 0, 0, 2, 10, 31, 0]);
    let answers_before = datagrams(&mut a).len();
    a.handle_datagram(&seal.close(&old).unwrap(), now);
    assert_eq!(a.statistics().dropped.stale, 1);
    assert_eq!((answers_before, datagrams(&mut a).len()), (0, 1));
}

#[test]
fn a_day_later_the_dead_are_forgotten() {
    let (mut a, _) = pair();
    let mut forgotten = None;
    while let Some(now) = a.poll_timeout() {
        a.handle_timeout(now);
        while let Some(output) = a.poll_output() {
            if output == Output::MemberForgotten(NodeId::from_u64(2)) {
                forgotten = Some(now);
            }
        }
        if forgotten.is_some() {
            break;
        }
    }
    let day = REMEMBER_DOWN + a.timing.down_after;
    assert!(forgotten.is_some_and(|at| at >= day && at <= day + Duration::from_secs(1)));
    assert!(a.members().get(NodeId::from_u64(2)).is_none());
}

#[test]
fn no_datagram_is_too_long() {
    let mut hub = core(1);
    // A hundred members make a list longer than a datagram.
    for node in 2..102 {
        let mut joiner = core(node);
        joiner.announce(hub.own.address, Duration::ZERO);
        for datagram in datagrams(&mut joiner) {
            hub.handle_datagram(&datagram, Duration::from_millis(node));
        }
    }
    let longest = datagrams(&mut hub).iter().map(Vec::len).max();
    assert!(longest.is_some_and(|length| length <= MAX_DATAGRAM && length > MAX_DATAGRAM - 40));
}
