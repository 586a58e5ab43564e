//! Messages between nodes: what they are in bytes, what later releases may change, and that no bytes do harm.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of tests fail by panicking, too"
)]

use std::fmt::{Debug, Write};

use ciborium::Value;
use hm_model::{
    Actor, FeatureLevel, Namespace, NodeId, Phase, ReplicaStatus, RequestId, SettingKey, Via,
};
use hm_protocol::agent::{Down, Hello, Item, PROTOCOL, Up};
use hm_protocol::server::{Heard, HeardAgent, Proposal};
use hm_protocol::{decode, encode};
use hm_state::{Entry, Key, NodeReport, Object, ReplicaReport};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Lines of a name and hex digits: the bytes of protocol 1. To change what is written, raise the number and add a file.
const PROTOCOL_1: &str = include_str!("protocol-1.txt");

fn node() -> NodeId {
    NodeId::from_u64(7)
}

fn hello() -> Hello {
    Hello {
        protocol: PROTOCOL,
        node: node(),
        revision: Some(42),
        report: NodeReport {
            node: node(),
            addresses: vec!["10.0.0.7".parse().unwrap()],
            api_port: 3000,
            gossip_port: 7946,
            version: "0.1.0".to_owned(),
            feature_level: FeatureLevel::new(1),
        },
    }
}

fn proposal() -> Proposal {
    Proposal {
        actor: Actor::Local(0),
        via: Via::Socket,
        request: Some(RequestId::from_u128(7)),
        expected_generation: Some(1),
        entry: Entry::DeleteNamespace(Namespace::default()),
    }
}

fn heard_agent() -> HeardAgent {
    HeardAgent {
        node: node(),
        millis_ago: 250,
        applied_revision: 42,
    }
}

fn ups() -> [Up; 2] {
    let status = ReplicaStatus {
        phase: Phase::Running,
        ..ReplicaStatus::default()
    };
    let replica = "web.0-1".parse().unwrap();
    [
        Up::Beat {
            applied_revision: 42,
        },
        Up::Replicas(vec![ReplicaReport { replica, status }]),
    ]
}

fn downs() -> [Down; 3] {
    let setting = Item {
        key: Key::Setting(SettingKey::IoWeight),
        object: Some(Object::Setting("200".to_owned())),
    };
    let gone = Item {
        key: Key::Replica("web.0-1".parse().unwrap()),
        object: None,
    };
    [
        Down::List {
            revision: 42,
            objects: vec![setting],
        },
        Down::Changes {
            revision: 43,
            objects: vec![gone],
        },
        Down::Heard,
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn line<T: Serialize + DeserializeOwned + PartialEq + Debug>(name: &str, message: &T) -> String {
    let bytes = encode(message);
    assert_eq!(decode::<T>(&bytes).as_ref(), Ok(message));
    format!("{name} {}\n", hex(&bytes))
}

#[test]
fn protocol_1_is_these_bytes() {
    let [beat, replicas] = ups();
    let [list, changes, heard] = downs();
    let agents = vec![heard_agent()];
    let written = [
        line("hello", &hello()),
        line("beat", &beat),
        line("replicas", &replicas),
        line("list", &list),
        line("changes", &changes),
        line("heard", &heard),
        line("proposal", &proposal()),
        line("sightings", &Heard { agents }),
    ];
    let written = written.concat();
    assert!(written == PROTOCOL_1, "protocol-1.txt would be\n{written}");
}

/// Checks that a message may have more fields than we know and may lack those named; and may lack no other.
fn check<T: Serialize + DeserializeOwned>(record: &T, may_lack: &[&str]) {
    let fields = Value::serialized(record).unwrap().into_map().unwrap();
    let name = std::any::type_name::<T>();
    let mut more = fields.clone();
    more.push((Value::Text("later".to_owned()), Value::Map(vec![])));
    let read: T = Value::Map(more).deserialized().unwrap();
    assert_eq!(
        Value::serialized(&read).unwrap(),
        Value::Map(fields.clone()),
        "{name}"
    );
    for number in 0..fields.len() {
        let mut fewer = fields.clone();
        let (field, _) = fewer.remove(number);
        let field = field.into_text().unwrap();
        let reads = Value::Map(fewer).deserialized::<T>().is_ok();
        assert_eq!(
            reads,
            may_lack.contains(&field.as_str()),
            "{name} without {field}"
        );
    }
}

#[test]
fn later_releases_may_add_fields() {
    check(&hello(), &["revision"]);
    check(&proposal(), &["via", "request", "expected_generation"]);
    check(&Heard::default(), &["agents"]);
    check(&heard_agent(), &["applied_revision"]);
    for variant in [Value::serialized(&ups()[0]), Value::serialized(&downs()[0])] {
        let mut variant = variant.unwrap().into_map().unwrap();
        let later = (Value::Text("later".to_owned()), Value::Null);
        variant[0].1.as_map_mut().unwrap().push(later);
        let bytes = encode(&Value::Map(variant));
        let known = [decode::<Up>(&bytes).is_ok(), decode::<Down>(&bytes).is_ok()];
        assert!(known.contains(&true), "{known:?}");
    }
}

#[test]
fn a_message_is_all_of_its_bytes() {
    let mut bytes = encode(&Down::Heard);
    assert_eq!(decode(&bytes), Ok(Down::Heard));
    bytes.push(0xf6);
    let error = decode::<Down>(&bytes).unwrap_err().to_string();
    assert_eq!(error, "the message cannot be read: 1 bytes follow its end");
    assert!(decode::<Down>(&[]).is_err());
}

#[test]
fn deep_nesting_is_refused() {
    for opening in [0x81, 0xa1, 0xc1] {
        assert!(decode::<Down>(&vec![opening; 100_000]).is_err());
    }
}

#[test]
fn a_length_that_is_not_there_costs_no_memory() {
    // Text, bytes, a list and a map that claim to be of 2^62 parts.
    for head in [0x7b, 0x5b, 0x9b, 0xbb] {
        let claim = [&[head], &(1u64 << 62).to_be_bytes()[..], b"short"].concat();
        assert!(decode::<Down>(&claim).is_err());
        assert!(decode::<Heard>(&claim).is_err());
        let agents = [&[0xa1, 0x66][..], b"agents", &claim].concat();
        assert!(decode::<Heard>(&agents).is_err());
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_refused_or_read(bytes in vec(any::<u8>(), 0..200)) {
        let _ = decode::<Hello>(&bytes);
        let _ = decode::<Up>(&bytes);
        let _ = decode::<Down>(&bytes);
        let _ = decode::<Proposal>(&bytes);
        let _ = decode::<Heard>(&bytes);
    }

    #[test]
    fn a_changed_message_is_refused_or_read(place in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let change = |mut bytes: Vec<u8>| {
            let place = place.index(bytes.len());
            bytes[place] = byte;
            if cut {
                bytes.truncate(place);
            }
            bytes
        };
        let _ = decode::<Hello>(&change(encode(&hello())));
        let _ = decode::<Proposal>(&change(encode(&proposal())));
        let _ = decode::<Up>(&change(encode(&ups()[1])));
        for down in downs() {
            let _ = decode::<Down>(&change(encode(&down)));
        }
    }
}
