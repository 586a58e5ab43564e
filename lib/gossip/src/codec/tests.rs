//! Whatever goes through the codec comes out the same, and whatever comes in does no harm.

use foca::ProbeNumber;
use proptest::prelude::*;

use super::*;

fn address() -> impl Strategy<Value = SocketAddr> {
    (any::<IpAddr>(), any::<u16>()).prop_map(|(ip, port)| SocketAddr::new(ip, port))
}

fn identity() -> impl Strategy<Value = Identity> {
    (any::<u64>(), 0..1u64 << 48, address()).prop_map(|(node, generation, address)| Identity {
        node: NodeId::from_u64(node),
        generation,
        address,
    })
}

fn message() -> impl Strategy<Value = Message<Identity>> {
    let indirect = |make: fn(Identity, ProbeNumber) -> Message<Identity>| {
        (identity(), any::<u8>()).prop_map(move |(about, number)| make(about, number))
    };
    prop_oneof![
        any::<u8>().prop_map(Message::Ping),
        any::<u8>().prop_map(Message::Ack),
        indirect(|target, probe_number| Message::PingReq {
            target,
            probe_number
        }),
        indirect(|origin, probe_number| Message::IndirectPing {
            origin,
            probe_number
        }),
        indirect(|target, probe_number| Message::IndirectAck {
            target,
            probe_number
        }),
        indirect(|origin, probe_number| Message::ForwardedAck {
            origin,
            probe_number
        }),
        Just(Message::Announce),
        Just(Message::Feed),
        Just(Message::Gossip),
        Just(Message::TurnUndead),
    ]
}

fn member() -> impl Strategy<Value = Member<Identity>> {
    let state = prop_oneof![Just(State::Alive), Just(State::Suspect), Just(State::Down)];
    (identity(), any::<u16>(), state)
        .prop_map(|(identity, incarnation, state)| Member::new(identity, incarnation, state))
}

/// Identities are compared without their addresses.
fn text(value: impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

proptest! {
    #[test]
    fn headers_round_trip(src in identity(), dst in identity(), src_incarnation: u16, message in message()) {
        let header = Header { src, src_incarnation, dst, message };
        let mut bytes = Vec::new();
        WireCodec.encode_header(&header, &mut bytes).unwrap();
        let mut rest = bytes.as_slice();
        let decoded = WireCodec.decode_header(&mut rest).unwrap();
        prop_assert!(rest.is_empty());
        // An addressee's address is not written.
        let dst = Identity::addressee(dst.node, dst.generation);
        prop_assert_eq!(text(decoded), text(Header { dst, ..header }));
        for end in 0..bytes.len() {
            prop_assert!(WireCodec.decode_header(&bytes[..end]).is_err());
        }
    }

    #[test]
    fn members_round_trip(member in member()) {
        let mut bytes = Vec::new();
        WireCodec.encode_member(&member, &mut bytes).unwrap();
        let mut rest = bytes.as_slice();
        let decoded = WireCodec.decode_member(&mut rest).unwrap();
        prop_assert!(rest.is_empty());
        prop_assert_eq!(text(decoded), text(&member));
        for end in 0..bytes.len() {
            prop_assert!(WireCodec.decode_member(&bytes[..end]).is_err());
        }
    }

    /// What does not fit leaves nothing behind: foca goes on with the next message in the same buffer.
    #[test]
    fn a_full_buffer_stays_clean(member in member(), src in identity(), message in message(), room in 0usize..40) {
        let mut buf = Vec::new().limit(room);
        if WireCodec.encode_member(&member, &mut buf).is_err() {
            prop_assert!(buf.get_ref().is_empty());
        }
        let mut buf = Vec::new().limit(room);
        let header = Header { src, src_incarnation: 0, dst: src, message };
        prop_assert_eq!(WireCodec.encode_header(&header, &mut buf), Err(WireError::Full));
        prop_assert!(buf.get_ref().is_empty());
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes: Vec<u8>) {
        if let Ok(header) = WireCodec.decode_header(bytes.as_slice()) {
            let mut again = Vec::new();
            WireCodec.encode_header(&header, &mut again).unwrap();
            prop_assert_eq!(&bytes[..again.len()], again.as_slice());
        }
        let _ = WireCodec.decode_member(bytes.as_slice());
    }
}

#[test]
fn the_layout_is_what_it_was() {
    let own = Identity {
        node: NodeId::from_u64(0x0102_0304_0506_0708),
        generation: 0x0a0b_0c0d_0e0f,
        address: "10.1.2.3:7946".parse().unwrap(),
    };
    let header = Header {
        src: own,
        src_incarnation: 0x1122,
        dst: own,
        message: Message::PingReq {
            target: own,
            probe_number: 9,
        },
    };
    let mut bytes = Vec::new();
    WireCodec.encode_header(&header, &mut bytes).unwrap();
    let run = [8, 7, 6, 5, 4, 3, 2, 1, 0x0f, 0x0e, 0x0d, 0x0c, 0x0b, 0x0a];
    let address = [10, 1, 2, 3, 0x0a, 0x1f];
    let expected = [
        &run[..],
        &run,
        &[0x22, 0x11, 3],
        &address,
        &[9, 0],
        &run,
        &address,
    ];
    assert_eq!(bytes, expected.concat());

    let left = Member::new(own, LEFT, State::Down);
    let mut bytes = Vec::new();
    WireCodec.encode_member(&left, &mut bytes).unwrap();
    assert_eq!(bytes, [&[4][..], &run, &address].concat());
}

#[test]
fn a_message_for_anyone_becomes_one_for_us() {
    let own = Identity {
        node: NodeId::from_u64(5),
        generation: 77,
        address: "10.1.2.3:7946".parse().unwrap(),
    };
    let mut header = Header {
        src: own,
        src_incarnation: 0,
        dst: Identity::anyone(own.address),
        message: Message::Announce,
    };
    let mut bytes = Vec::new();
    WireCodec.encode_header(&header, &mut bytes).unwrap();
    adopt(&mut bytes, &own);
    assert_eq!(WireCodec.decode_header(bytes.as_slice()).unwrap().dst, own);
    // One for somebody else stays that.
    header.dst = Identity::addressee(NodeId::from_u64(6), 1);
    bytes.clear();
    WireCodec.encode_header(&header, &mut bytes).unwrap();
    adopt(&mut bytes, &own);
    assert_eq!(
        WireCodec.decode_header(bytes.as_slice()).unwrap().dst,
        header.dst
    );
}
