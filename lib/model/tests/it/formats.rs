//! Specs and records in JSON, TOML and CBOR, across versions.

use std::fmt::Debug;

use hm_model::input::{from_json, from_toml};
use hm_model::*;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::specs;

fn to_cbor<T: Serialize>(value: &T) -> Vec<u8> {
    let mut cbor = Vec::new();
    ciborium::into_writer(value, &mut cbor).unwrap();
    cbor
}

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let json = serde_json::to_string(value).unwrap();
    assert_eq!(
        &from_json::<T>(&json).unwrap_or_else(|e| panic!("{e}: {json}")),
        value
    );
    let toml = toml::to_string(value).unwrap();
    assert_eq!(
        &from_toml::<T>(&toml).unwrap_or_else(|e| panic!("{e}: {toml}")),
        value
    );
    let cbor = to_cbor(value);
    assert_eq!(&ciborium::from_reader::<T, _>(&cbor[..]).unwrap(), value);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_app(app in specs::app(), name in specs::name()) {
        round_trip(&app);
        // Checking looks at everything and must take anything.
        let problems = app.problems(&name);
        for problem in problems {
            prop_assert!(!problem.to_string().is_empty());
        }
        let (unavailable, surge) = app.update_room(app.replicas);
        prop_assert!(unavailable > 0 || surge > 0);
    }

    #[test]
    fn any_policy(policy in specs::policy()) {
        round_trip(&policy);
    }
}

#[test]
fn records() {
    let key: ObjectKey = "shop/web".parse().unwrap();
    let now: Timestamp = "2025-06-10T22:00:00.000001Z".parse().unwrap();
    round_trip(&specs::node());
    round_trip(&App {
        key: key.clone(),
        spec: specs::plain(),
        revision: RevisionNumber::new(3),
    });
    let digest: Digest = format!("sha256:{}", "0".repeat(64)).parse().unwrap();
    let revision = Revision {
        app: key.clone(),
        number: RevisionNumber::new(3),
        spec: specs::plain(),
        images: [(
            "web".parse().unwrap(),
            specs::plain().containers[0].image.pinned(digest),
        )]
        .into(),
        created_at: now,
        created_by: Actor::Local(0),
    };
    round_trip(&revision);
    assert_eq!(revision.unpinned(), None);
    let id = ReplicaId {
        app: key.clone(),
        slot: 2,
        incarnation: 99,
    };
    round_trip(&Replica {
        id: id.clone(),
        revision: RevisionNumber::new(3),
        node: Some(NodeId::from_u64(5)),
        wanted: Wanted::Running,
        status: ReplicaStatus {
            phase: Phase::Running,
            ready: true,
            addresses: vec!["10.244.1.2".parse().unwrap()],
            ..Default::default()
        },
        created_at: now,
    });
    round_trip(&Event {
        time: now,
        kind: EventKind::Warning,
        object: ObjectRef::new(ObjectKind::Replica, &id),
        reason: Code::new("image-pull-failed"),
        message: "no route to host".to_owned(),
        node: None,
    });
    round_trip(&Secret {
        key,
        generation: Generation::new(1),
        labels: Labels::new(),
        description: String::new(),
        entries: [(
            "token".parse().unwrap(),
            Ciphertext {
                data_key: 1,
                nonce: vec![0, 255].into(),
                sealed: vec![7; 40].into(),
            },
        )]
        .into(),
        created_at: now,
        updated_at: now,
    });
}

/// What a newer version might write: every record has one more field. Empty maps may be maps by name and stay empty.
fn with_more(value: ciborium::Value) -> ciborium::Value {
    use ciborium::Value as Cbor;
    if let Cbor::Array(items) = value {
        return Cbor::Array(items.into_iter().map(with_more).collect());
    }
    let Cbor::Map(entries) = value else {
        return value;
    };
    let more = (!entries.is_empty()).then(|| (Cbor::from("from_the_future"), Cbor::from(1)));
    let entries = entries
        .into_iter()
        .map(|(key, value)| (key, with_more(value)));
    Cbor::Map(entries.chain(more).collect())
}

#[test]
fn fields_of_a_newer_version_are_ignored_in_the_state() {
    let app = specs::plain();
    let newer = to_cbor(&with_more(ciborium::Value::serialized(&app).unwrap()));
    assert!(newer.len() > to_cbor(&app).len());
    assert_eq!(
        ciborium::from_reader::<AppSpec, _>(&newer[..]).unwrap(),
        app
    );
    // From a person the same is an error.
    let json = serde_json::to_string(&app)
        .unwrap()
        .replacen('{', "{\"from_the_future\":1,", 1);
    assert!(from_json::<AppSpec>(&json).is_err());
}

#[test]
fn fields_that_an_older_version_did_not_write_have_defaults() {
    #[derive(Serialize)]
    struct OldContainer {
        name: &'static str,
        image: &'static str,
    }
    #[derive(Serialize)]
    struct OldApp {
        containers: Vec<OldContainer>,
    }
    let old = OldApp {
        containers: vec![OldContainer {
            name: "web",
            image: "nginx:1.27",
        }],
    };
    let app: AppSpec = ciborium::from_reader(&to_cbor(&old)[..]).unwrap();
    assert_eq!(app, specs::plain());

    #[derive(Serialize)]
    struct OldNode {
        id: u64,
        name: &'static str,
    }
    let node: Node = ciborium::from_reader(&to_cbor(&OldNode { id: 1, name: "a" })[..]).unwrap();
    assert_eq!(node, Node::new(NodeId::from_u64(1), "a".parse().unwrap()));
    assert_eq!((node.api_port, node.gossip_port), (3000, 7946));
}

#[test]
fn the_state_is_compact() {
    // Ids and quantities are integers there, so that a hundred thousand replicas stay small.
    assert_eq!(to_cbor(&NodeId::from_u64(u64::MAX)).len(), 9);
    assert_eq!(to_cbor(&Cpu::from_millis(500)).len(), 3);
    assert_eq!(to_cbor(&RequestId::from_u128(u128::MAX)).len(), 17);
    assert_eq!(to_cbor(&Blob::from(vec![0; 20])).len(), 21);
}
