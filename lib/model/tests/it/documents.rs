//! Documents from people: TOML and JSON, with mistakes named at their place.

use hm_model::input::{InputError, Place, from_json, from_toml};
use hm_model::{AppSpec, ClusterOptions, Value};
use serde::Deserialize;

const APP: &str = r#"
replicas = 3
ports = ["8080:80", 9090]
mode = "replicated"
stop_grace = "30s"

[[containers]]
name = "web"
image = "nginx:1.27"
mounts = ["data:/var/lib/data", "config/web:/etc/web"]
resources = { cpu = 0.5, memory = "256M", memory_limit = 512_000_000 }

[containers.environment]
LOG = "debug"
HOST = { config = { name = "web", key = "host" } }

[containers.probes.ready]
check = { http = { port = 80, path = "/healthz" } }
period = "1s"

[placement]
node_selector = "zone=a,!gpu"
tolerations = ["gpu"]
anti_affinity = [{ selector = "app=web", strength = "required" }]
"#;

#[test]
fn an_app_as_someone_writes_it() {
    let app: AppSpec = from_toml(APP).unwrap();
    assert_eq!(app.replicas, 3);
    let container = &app.containers[0];
    assert_eq!(container.resources.cpu.millis(), 500);
    assert_eq!(
        container.resources.memory_limit.unwrap().as_u64(),
        512_000_000
    );
    assert!(matches!(
        &container.environment["HOST".parse().as_ref().unwrap()],
        Value::Config { .. }
    ));
    assert_eq!(app.problems(&"web".parse().unwrap()), []);
    let json = serde_json::to_string(&app).unwrap();
    assert_eq!(from_json::<AppSpec>(&json).unwrap(), app);
}

#[test]
fn unknown_keys_are_named_with_their_place() {
    let cases = [
        (
            "replicas = 3",
            "replcias = 3",
            "line 2, column 1: unknown key `replcias`",
        ),
        (
            "image = ",
            "imgae = 1\nimage = ",
            "line 9, column 1: unknown key `containers[0].imgae`",
        ),
        (
            "memory = ",
            "memroy = 1, memory = ",
            "line 11, column 26: unknown key `containers[0].resources.memroy`",
        ),
        (
            "key = \"host\"",
            "key = \"host\", kye = 1",
            "unknown key `containers[0].environment.HOST.config.kye`",
        ),
        (
            "port = 80,",
            "port = 80, prot = 1,",
            "line 18, column 31: unexpected keys in table: prot, available keys: port, path",
        ),
        (
            "strength =",
            "srength = 1, strength =",
            "unknown key `placement.anti_affinity[0].srength`",
        ),
    ];
    for (right, wrong, message) in cases {
        assert!(APP.contains(right));
        let error = from_toml::<AppSpec>(&APP.replacen(right, wrong, 1))
            .unwrap_err()
            .to_string();
        assert!(error.contains(message), "{error} should say {message}");
        assert!(error.starts_with("line "), "{error}");
    }
    let check = r#"{"containers":[{"name":"a","image":"a","probes":{"live":{"check":{"tcp":{"port":1,"x":1}}}}}]}"#;
    let error = from_json::<AppSpec>(check).unwrap_err().to_string();
    assert_eq!(error, "unknown key `containers[0].probes.live.check.x`");
    let error = from_json::<AppSpec>(r#"{"containers":[{"name":"a","image":"a","x":1,"y":2}]}"#)
        .unwrap_err();
    assert_eq!(
        error,
        InputError::UnknownKey {
            place: None,
            path: "containers[0].x".to_owned(),
            others: 1
        }
    );
    assert_eq!(
        error.to_string(),
        "unknown key `containers[0].x` (and 1 more)"
    );
}

#[test]
fn wrong_values_are_named_with_their_place() {
    let cases = [
        (
            "image = \"nginx:1.27\"",
            "image = \"Nginx\"",
            "line 9, column 9: `Nginx` is not an image: `Nginx` must be in lower case",
        ),
        ("image = \"nginx:1.27\"", "", "missing field `image`"),
        (
            "replicas = 3",
            "replicas = -3",
            "line 2, column 12: invalid value: integer `-3`",
        ),
        ("replicas = 3", "replicas = ", "line 2"),
        (
            "mode = \"replicated\"",
            "mode = \"many\"",
            "must be one of replicated, per-node, ordinal",
        ),
        ("{ config =", "{ cofnig =", "unknown variant `cofnig`"),
        (
            "cpu = 0.5",
            "cpu = true",
            "expected an amount of cpu such as 0.5",
        ),
    ];
    for (right, wrong, message) in cases {
        assert!(APP.contains(right));
        let error = from_toml::<AppSpec>(&APP.replacen(right, wrong, 1))
            .unwrap_err()
            .to_string();
        assert!(error.contains(message), "{error} should say {message}");
        assert!(!error.contains('\n'), "{error}");
    }
    let error = from_json::<AppSpec>("{\"containers\":[],\n\"replicas\":[]}").unwrap_err();
    assert!(
        matches!(
            &error,
            InputError::Malformed {
                place: Some(Place { line: 2, .. }),
                ..
            }
        ),
        "{error:?}"
    );
    assert!(from_json::<AppSpec>("{\"containers\":[]} x").is_err());
    assert!(from_json::<AppSpec>("").is_err());
}

#[derive(Debug, Deserialize)]
struct DaemonFile {
    #[serde(default)]
    cluster: ClusterOptions,
}

#[test]
fn the_cluster_options_of_the_administration_guide() {
    let text = "[cluster]\nname = \"production-cluster\"\njoin_timeout = 60\ngossip_interval = 1\nfailure_threshold = 3\n";
    let options = from_toml::<DaemonFile>(text).unwrap().cluster;
    assert_eq!(options.name.as_str(), "production-cluster");
    assert_eq!(options.silence_to_down().as_secs(), 3);
    assert_eq!(options.check(), Ok(()));
    assert_eq!(
        from_toml::<DaemonFile>("").unwrap().cluster,
        ClusterOptions::default()
    );
    assert_eq!(ClusterOptions::default().check(), Ok(()));
    let toml = toml::to_string(&options).unwrap();
    assert!(toml.contains("join_timeout = 60"), "{toml}");
    assert_eq!(toml::from_str::<ClusterOptions>(&toml).unwrap(), options);

    let quick = from_toml::<DaemonFile>("[cluster]\ngossip_interval = \"500ms\"\n")
        .unwrap()
        .cluster;
    assert_eq!(quick.gossip_interval.as_millis(), 500);
    let toml = toml::to_string(&quick).unwrap();
    assert_eq!(toml::from_str::<ClusterOptions>(&toml).unwrap(), quick);

    let wrong = |line: &str| {
        let text = format!("[cluster]\n{line}\n");
        from_toml::<DaemonFile>(&text)
            .map_err(|e| e.to_string())
            .and_then(|file| file.cluster.check().map_err(|e| e.to_string()))
            .unwrap_err()
    };
    assert_eq!(
        wrong("gossip_interval = 0"),
        "cluster.gossip_interval is 0s, but must be between 100ms and 1m"
    );
    assert_eq!(
        wrong("failure_threshold = 1"),
        "cluster.failure_threshold is 1, but must be between 2 and 100"
    );
    assert_eq!(
        wrong("join_timeout = 7200"),
        "cluster.join_timeout is 2h, but must be between 1s and 1h"
    );
    assert!(
        wrong("join_timeout = -1")
            .contains("line 2, column 16: a length of time is never negative")
    );
    assert_eq!(
        wrong("gosip_interval = 1"),
        "line 2, column 1: unknown key `cluster.gosip_interval`"
    );
    assert!(wrong("name = \"My Cluster\"").contains("is not a name"));
}
