//! Whole documents: from people in TOML and JSON, from the state in CBOR.

use std::fmt::Debug;

use hm_model::input::{InputError, from_json, from_toml};
use hm_model::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::seeds;

/// Whatever could be read can be checked, and written and read again.
fn read_app(app: AppSpec) {
    let name = app.containers.first().map_or_else(
        || "web".parse().ok(),
        |container| Some(container.name.clone()),
    );
    let problems = name.map(|name| app.problems(&name)).unwrap_or_default();
    for problem in problems {
        assert!(!problem.to_string().is_empty());
    }
    let (unavailable, surge) = app.update_room(app.replicas);
    assert!(unavailable > 0 || surge > 0);
    let json = serde_json::to_string(&app).unwrap_or_default();
    assert_eq!(from_json::<AppSpec>(&json), Ok(app));
}

fn complain(error: &InputError) {
    let message = error.to_string();
    assert!(
        !message.chars().any(char::is_control),
        "more than a line: {message:?}"
    );
}

/// TOML from people.
pub fn toml(data: &[u8]) {
    let text = &String::from_utf8_lossy(data);
    match from_toml::<AppSpec>(text) {
        Ok(app) => read_app(app),
        Err(error) => complain(&error),
    }
    if let Ok(options) = from_toml::<ClusterOptions>(text) {
        // A refusal must be printable.
        assert!(options.check().map_err(|error| error.to_string()).err() != Some(String::new()));
    }
}

pub(crate) fn toml_seeds() -> Vec<Vec<u8>> {
    let app = "replicas = 3\nports = [\"8080:80\", 90]\n[[containers]]\nname = \"web\"\nimage = \"nginx\"\n\
               resources = { cpu = 0.5, memory = \"256M\" }\n[containers.environment]\nA = \"b\"\n\
               C = { config = { name = \"n\", key = \"k\" } }\n[placement]\nnode_selector = \"zone=a\"\n";
    let cluster = "name = \"production\"\njoin_timeout = 60\ngossip_interval = \"500ms\"\nfailure_threshold = 3\n";
    seeds(&[
        app,
        cluster,
        &"[".repeat(2000),
        &format!("a = {}", "{ a = ".repeat(2000)),
    ])
}

/// JSON from people.
pub fn json(data: &[u8]) {
    let text = &String::from_utf8_lossy(data);
    match from_json::<AppSpec>(text) {
        Ok(app) => read_app(app),
        Err(error) => complain(&error),
    }
    // Policies and settings have shapes of their own.
    if let Err(error) = from_json::<NetworkPolicySpec>(text) {
        complain(&error);
    }
    if let Ok(settings) = from_json::<Settings>(text) {
        let json = serde_json::to_string(&settings).unwrap_or_default();
        assert_eq!(from_json::<Settings>(&json), Ok(settings));
    }
}

pub(crate) fn json_seeds() -> Vec<Vec<u8>> {
    let app = r#"{"containers":[{"name":"web","image":"nginx","files":{"/a":{"config":{"name":"n","key":"k"}}},
        "probes":{"ready":{"check":{"tcp":{"port":80}}}}}],"mode":"ordinal","update":{"max_surge":"25%"}}"#;
    let policy = r#"{"selector":"app=web","ingress":[{"ports":["tcp:80"],"peers":[{"network":"10.0.0.0/8"}]}]}"#;
    let settings = r#"{"network.vxlan_mtu":1400,"memory.overcommit_ratio":"1.2"}"#;
    seeds(&[
        app,
        policy,
        settings,
        &"[".repeat(2000),
        &"{\"a\":".repeat(2000),
    ])
}

/// A file of environment variables.
pub fn env_file(data: &[u8]) {
    let text = &String::from_utf8_lossy(data);
    match parse_env_file(text) {
        Ok(variables) => assert!(variables.len() <= text.lines().count()),
        Err(error) => assert!(error.line <= text.lines().count() && error.line > 0),
    }
}

pub(crate) fn env_file_seeds() -> Vec<Vec<u8>> {
    seeds(&["# comment\nA=1\r\n\n  B=two words\n", "\u{feff}A=1"])
}

fn read_cbor<T: DeserializeOwned + Serialize + PartialEq + Debug>(data: &[u8]) {
    let Ok(value) = ciborium::from_reader::<T, _>(data) else {
        return;
    };
    let written = to_cbor(&value);
    let again = ciborium::from_reader::<T, _>(&written[..]);
    assert_eq!(again.as_ref().ok(), Some(&value), "{again:?}");
}

fn to_cbor<T: Serialize>(value: &T) -> Vec<u8> {
    let mut written = Vec::new();
    match ciborium::into_writer(value, &mut written) {
        Ok(()) => written,
        Err(error) => panic!("{error}"),
    }
}

/// Records of the state.
pub fn cbor(data: &[u8]) {
    read_cbor::<AppSpec>(data);
    read_cbor::<Node>(data);
    read_cbor::<Replica>(data);
    read_cbor::<NetworkPolicySpec>(data);
    read_cbor::<Secret>(data);
    read_cbor::<Event>(data);
    read_cbor::<Settings>(data);
    read_cbor::<CronJob>(data);
}

pub(crate) fn cbor_seeds() -> Vec<Vec<u8>> {
    let apps = json_seeds()
        .into_iter()
        .filter_map(|seed| from_json::<AppSpec>(&String::from_utf8_lossy(&seed)).ok());
    let names = ["node-1".parse().ok(), "node-2.example.com".parse().ok()]
        .into_iter()
        .flatten();
    let nodes = names.map(|name| to_cbor(&Node::new(NodeId::from_u64(1 << 40), name)));
    let settings = Settings::default();
    apps.map(|app| to_cbor(&app))
        .chain(nodes)
        .chain([to_cbor(&settings), vec![0x9f; 3000], vec![0xbf; 3000]])
        .collect()
}
