//! Records of later releases: fields that are new are passed over, fields that are gone have defaults.

use std::fmt::Debug;

use ciborium::Value;
use hm_model::{Node, Phase, Timestamp, TokenId};
use hm_state::{
    Cluster, CreateCluster, DeployApp, Done, Entry, Envelope, EventKey, GossipKeys, JoinNode,
    JoinTokenRecord, NodeReport, Record, ReplicaReport, Servers, TokenInfo, Vault, Verdict,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::log::Log;
use crate::objects::{
    FOUNDER, create, deploy, id, join, namespace, node, replica_id, report, token,
};

/// Checks that a record may have more fields than we know and may lack those named; and may lack no other.
fn check<T: Serialize + DeserializeOwned + Debug>(record: &T, may_lack: &[&str]) {
    let fields = Value::serialized(record).unwrap().into_map().unwrap();
    let name = std::any::type_name::<T>();
    let again = |fields: Vec<(Value, Value)>| Value::Map(fields).deserialized::<T>();

    let mut more = fields.clone();
    more.insert(
        0,
        (
            Value::Text("later".to_owned()),
            Value::Array(vec![Value::Map(vec![])]),
        ),
    );
    let read = again(more).unwrap_or_else(|error| panic!("{name} with more: {error}"));
    assert_eq!(
        Value::serialized(&read).unwrap(),
        Value::Map(fields.clone()),
        "{name} with more"
    );

    for number in 0..fields.len() {
        let mut fewer = fields.clone();
        let (field, _) = fewer.remove(number);
        let field = field.into_text().unwrap();
        let expected = may_lack.contains(&field.as_str());
        assert_eq!(again(fewer).is_ok(), expected, "{name} without {field}");
    }
}

#[test]
fn envelopes_and_answers() {
    let envelope = Log::founded().requested(1, Entry::CreateNamespace(namespace("shop")));
    check::<Envelope>(&envelope, &["request", "via", "expected_generation"]);
    check(
        &Done {
            revision: 7,
            generation: Some(1),
        },
        &["revision", "generation"],
    );
}

#[test]
fn entries() {
    let Entry::CreateCluster(create) = create() else {
        unreachable!()
    };
    check::<CreateCluster>(&create, &["gossip_keys"]);
    let Entry::JoinNode(join) = join(node(2)) else {
        unreachable!()
    };
    check::<JoinNode>(&join, &[]);
    check::<DeployApp>(&deploy("web", 1, vec![]), &["place", "remove"]);
    let verdict = Verdict {
        node: id(2),
        state: hm_model::NodeState::Down,
        reason: "silent".to_owned(),
    };
    check::<Verdict>(&verdict, &["reason"]);
    let Entry::ReportReplicas { reports, .. } = report(1, "web.0-1", Phase::Running) else {
        unreachable!()
    };
    check::<ReplicaReport>(&reports[0], &["status"]);
    let report = NodeReport {
        node: FOUNDER,
        addresses: vec![],
        api_port: 3000,
        gossip_port: 7946,
        version: "0.1.0".to_owned(),
        feature_level: hm_state::FEATURE_LEVEL,
    };
    check::<NodeReport>(&report, &["addresses", "version", "feature_level"]);
}

#[test]
fn entries_with_fields_of_their_own() {
    let set = Entry::SetSetting {
        key: hm_model::SettingKey::IoWeight,
        value: "1".to_owned(),
    };
    let place = Entry::PlaceReplicas {
        place: vec![],
        remove: vec![replica_id("web.0-1")],
    };
    for entry in [set, place, report(1, "web.0-1", Phase::Running)] {
        let mut variant = Value::serialized(&entry).unwrap().into_map().unwrap();
        let (_, fields) = &mut variant[0];
        let more = (Value::Text("later".to_owned()), Value::Null);
        fields.as_map_mut().unwrap().push(more);
        assert_eq!(Value::Map(variant).deserialized::<Entry>().unwrap(), entry);
    }
}

#[test]
fn objects() {
    let cluster = Log::founded().state.cluster().unwrap().clone();
    check::<Cluster>(&cluster, &["options", "created_at"]);
    check::<Vault>(&Vault { ca_key: vec![1] }, &[]);
    check::<GossipKeys>(
        &GossipKeys {
            keys: vec![[1; 32]],
        },
        &[],
    );
    check::<Servers>(&Servers::default(), &["wanted", "voters"]);
    check::<JoinTokenRecord>(&token(1, Some(3)), &["uses_left"]);
    let info = TokenInfo {
        id: TokenId::from_u64(1),
        expires_at: Timestamp::default(),
        uses_left: None,
    };
    check::<TokenInfo>(&info, &["uses_left"]);
    check::<EventKey>(
        &EventKey {
            namespace: None,
            number: 1,
        },
        &["namespace"],
    );
    let record: Record<Node> = Log::founded().state.nodes().get(&FOUNDER).unwrap().clone();
    check(&record, &[]);
}

#[test]
fn keys_and_secrets_are_byte_strings() {
    let Value::Map(vault) = Value::serialized(&Vault { ca_key: vec![7; 3] }).unwrap() else {
        unreachable!()
    };
    assert_eq!(vault[0].1, Value::Bytes(vec![7; 3]));
    let keys = Value::serialized(&GossipKeys {
        keys: vec![[7; 32]],
    })
    .unwrap();
    assert_eq!(
        keys.as_map().unwrap()[0].1,
        Value::Array(vec![Value::Bytes(vec![7; 32])])
    );
    let short = Value::Map(vec![(
        Value::Text("keys".to_owned()),
        Value::Array(vec![Value::Bytes(vec![7; 31])]),
    )]);
    assert!(short.deserialized::<GossipKeys>().is_err());
}

#[test]
fn secrets_do_not_show_in_debug_output() {
    let Entry::CreateCluster(create) = create() else {
        unreachable!()
    };
    let shown = format!("{create:?} {:?}", Log::founded().state);
    for secret in [
        "the private key",
        "112, 114, 105, 118",
        "the key that all",
        "116, 104, 101, 32, 107",
    ] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
