//! What is sealed can be opened with the key, as it was, and nothing else can.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn seal(primary: u8, also: &[u8]) -> Seal {
    let also = also.iter().map(|key| [*key; 32]);
    Seal::new(KeyRing::new([primary; 32], also), 0x0102_0304)
}

proptest! {
    #[test]
    fn sealed_and_opened(message in proptest::collection::vec(any::<u8>(), SOURCE..1_400)) {
        let mut seal = seal(1, &[]);
        for counter in 0..3 {
            let datagram = seal.close(&message).unwrap();
            prop_assert_eq!(datagram.len(), message.len() + OVERHEAD);
            let expected = Stamp { salt: 0x0102_0304, counter };
            prop_assert_eq!(seal.open(&datagram), Ok((message.clone(), expected)));
        }
    }

    #[test]
    fn any_change_is_noticed(message in proptest::collection::vec(any::<u8>(), SOURCE..100), at: prop::sample::Index, flip in 1u8..) {
        let mut seal = seal(1, &[]);
        let mut datagram = seal.close(&message).unwrap();
        let at = at.index(datagram.len());
        datagram[at] ^= flip;
        let expected = if at == 0 { Drop::Version } else { Drop::Key };
        prop_assert_eq!(seal.open(&datagram), Err(expected));
    }

    #[test]
    fn cut_and_random_datagrams_are_refused(bytes: Vec<u8>, length in 0usize..60) {
        let mut seal = seal(1, &[]);
        prop_assert!(seal.open(&bytes).is_err());
        let datagram = seal.close(&[3; 40]).unwrap();
        prop_assert!(seal.open(&datagram[..length]).is_err());
    }
}

#[test]
fn keys_are_changed_in_three_steps() {
    let message = [9; 50];
    // Old, old and new, new and old, new: neighbours in this order understand each other both ways.
    let mut steps = [seal(1, &[]), seal(1, &[2]), seal(2, &[1]), seal(2, &[])];
    for (from, to, understood) in [
        (0, 1, true),
        (1, 0, true),
        (1, 2, true),
        (2, 1, true),
        (2, 3, true),
        (3, 2, true),
        (0, 3, false),
        (3, 0, false),
        (2, 0, false),
    ] {
        let datagram = steps[from].close(&message).unwrap();
        assert_eq!(
            steps[to].open(&datagram).is_ok(),
            understood,
            "{from} to {to}"
        );
    }
}

#[test]
fn no_nonce_twice() {
    let mut nonces = BTreeSet::new();
    for salt in 0..3 {
        let mut seal = Seal::new(KeyRing::new([1; 32], []), salt);
        for source in 0..3 {
            for _ in 0..100 {
                let datagram = seal.close(&[source; SOURCE]).unwrap();
                assert!(nonces.insert(datagram[1..=NONCE].to_vec()));
            }
        }
    }
}

#[test]
fn nothing_of_the_key_is_printed() {
    let ring = KeyRing::new([0xab; 32], [[0xcd; 32]]);
    assert_eq!(format!("{ring:?}"), "KeyRing { keys: 2, .. }");
}
