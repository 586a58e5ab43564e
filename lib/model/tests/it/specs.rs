//! Made-up specs for the other tests: everything that can be set, sometimes is.

use std::collections::{BTreeMap, BTreeSet};

use hm_model::*;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::string::string_regex;

/// A value from a text that is right by construction.
fn parsed<T: std::str::FromStr<Err = ParseError> + std::fmt::Debug>(
    regex: &'static str,
) -> impl Strategy<Value = T> {
    string_regex(regex)
        .unwrap()
        .prop_map(|text: String| text.parse().unwrap_or_else(|e| panic!("{text:?}: {e}")))
}

pub(crate) fn name() -> impl Strategy<Value = Name> {
    parsed("[a-z][a-z0-9]{0,8}")
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        string_regex(".{0,20}").unwrap().prop_map(Value::Literal),
        (name(), parsed("[A-Za-z0-9_]{1,9}")).prop_map(|(name, key)| Value::Config { name, key }),
        (name(), parsed("[A-Za-z0-9_]{1,9}")).prop_map(|(name, key)| Value::Secret { name, key }),
    ]
}

fn span() -> impl Strategy<Value = Span> {
    (0u64..10_000_000).prop_map(Span::from_millis)
}

fn resources() -> impl Strategy<Value = Resources> {
    let cpu = || (0u64..64_000).prop_map(Cpu::from_millis);
    let bytes = || any::<u64>().prop_map(Bytes::from_u64);
    (
        cpu(),
        bytes(),
        option::of(cpu()),
        option::of(bytes()),
        option::of(bytes()),
    )
        .prop_map(
            |(cpu, memory, cpu_limit, memory_limit, storage)| Resources {
                cpu,
                memory,
                cpu_limit,
                memory_limit,
                storage,
            },
        )
}

fn probe() -> impl Strategy<Value = Probe> {
    let check = prop_oneof![
        (any::<u16>(), "/[a-z]{0,9}").prop_map(|(port, path)| Check::Http { port, path }),
        any::<u16>().prop_map(|port| Check::Tcp { port }),
        vec(".{0,9}", 0..3).prop_map(|command| Check::Exec { command }),
    ];
    (check, span(), span(), 0u32..9, 0u32..9).prop_map(
        |(check, delay, period, success_threshold, failure_threshold)| Probe {
            delay,
            period,
            success_threshold,
            failure_threshold,
            ..Probe::new(check)
        },
    )
}

fn container() -> impl Strategy<Value = Container> {
    let probes = (
        option::of(probe()),
        option::of(probe()),
        option::of(probe()),
    );
    let probes = probes.prop_map(|(startup, ready, live)| Probes {
        startup,
        ready,
        live,
    });
    let inner = (
        btree_map(parsed("[A-Z_]{1,9}"), value(), 0..3),
        btree_map(parsed("(/[a-z]{1,9}){1,3}"), value(), 0..3),
        vec(
            parsed(
                "([a-z]{1,9}|/[a-z]{1,5}|config/[a-z]{1,9}|secret/[a-z]{1,9}):/[a-z]{1,5}(:ro)?",
            ),
            0..3,
        ),
        option::of(parsed("/[a-z]{1,9}")),
        option::of(select(StopSignal::ALL)),
    );
    let outer = (
        name(),
        parsed("([a-z]{1,9}/)?[a-z]{1,9}(:[0-9]{1,3})?"),
        select(ContainerKind::ALL),
    );
    (outer, vec(".{0,9}", 0..3), resources(), probes, inner).prop_map(
        |((name, image, kind), command, resources, probes, inner)| {
            let (environment, files, mounts, workdir, stop_signal) = inner;
            let made = Container {
                kind,
                command,
                environment,
                files,
                mounts,
                ..Container::new(name, image)
            };
            Container {
                workdir,
                resources,
                probes,
                stop_signal,
                ..made
            }
        },
    )
}

fn placement() -> impl Strategy<Value = Placement> {
    let affinity = || {
        let affinity = (
            parsed("[a-z]{1,5}=[a-z]{1,5}"),
            option::of(parsed("[a-z]{1,9}")),
            select(Strength::ALL),
        );
        vec(
            affinity.prop_map(|(selector, topology, strength)| Affinity {
                selector,
                topology,
                strength,
            }),
            0..3,
        )
    };
    let nodes = vec(parsed("[a-z]{1,5}(\\.[a-z]{1,5})?"), 0..3).prop_map(BTreeSet::from_iter);
    let tolerations = vec(parsed("(\\*|[a-z]{1,5}(=[a-z]{0,3})?)(:no-execute)?"), 0..3)
        .prop_map(BTreeSet::from_iter);
    (
        nodes,
        parsed("([a-z]{1,5},){0,2}!?[a-z]{1,5}"),
        tolerations,
        affinity(),
        affinity(),
    )
        .prop_map(
            |(nodes, node_selector, tolerations, affinity, anti_affinity)| Placement {
                nodes,
                node_selector,
                tolerations,
                affinity,
                anti_affinity,
            },
        )
}

fn update() -> impl Strategy<Value = UpdateStrategy> {
    let amount = || parsed::<Amount>("([0-9]{1,3}|[1-9]?[0-9]%)");
    (
        select(UpdateOrder::ALL),
        amount(),
        amount(),
        span(),
        select(OnUpdateFailure::ALL),
    )
        .prop_map(
            |(order, max_unavailable, max_surge, pause, on_failure)| UpdateStrategy {
                order,
                max_unavailable,
                max_surge,
                pause,
                on_failure,
                ..UpdateStrategy::default()
            },
        )
}

fn labels() -> impl Strategy<Value = Labels> {
    btree_map(
        parsed("([a-z]{1,5}\\.io/)?[a-z]{1,5}"),
        parsed("[a-z0-9]{0,5}"),
        0..3,
    )
}

/// Any app spec, deployable or not.
pub(crate) fn app() -> impl Strategy<Value = AppSpec> {
    let words = (
        select(Mode::ALL),
        select(RestartPolicy::ALL),
        select(OnNodeLoss::ALL),
        any::<bool>(),
    );
    let ports = vec(
        parsed("((10\\.0\\.0\\.1:|\\[::1\\]:)?[1-9][0-9]{3}:)?[1-9][0-9]{0,3}(/udp)?"),
        0..3,
    );
    let rest = (any::<u32>(), any::<i32>(), span(), labels(), ports);
    (vec(container(), 1..3), words, placement(), update(), rest).prop_map(
        |(containers, words, placement, update, rest)| {
            let (mode, restart, on_node_loss, exclusive) = words;
            let (replicas, priority, stop_grace, labels, ports) = rest;
            let containers_and_where = AppSpec {
                containers,
                mode,
                replicas,
                exclusive,
                labels,
                ports,
                placement,
                ..plain()
            };
            AppSpec {
                update,
                restart,
                on_node_loss,
                stop_grace,
                priority,
                ..containers_and_where
            }
        },
    )
}

fn policy_rules() -> impl Strategy<Value = Option<Vec<PolicyRule>>> {
    let apps = (
        parsed("[a-z]{1,5}=[a-z]{1,5}"),
        option::of(parsed("[a-z]{1,5}")),
    );
    let peer = prop_oneof![
        parsed("10\\.[1-9][0-9]?\\.0\\.0/16").prop_map(PolicyPeer::Network),
        apps.prop_map(|(selector, namespace)| PolicyPeer::Apps {
            selector,
            namespace
        }),
    ];
    let rule = (
        vec(parsed("(tcp|udp)(:[1-9][0-9]{0,3})?"), 0..3),
        vec(peer, 0..3),
    );
    option::of(vec(
        rule.prop_map(|(ports, peers)| PolicyRule { ports, peers }),
        0..3,
    ))
}

/// Any network policy.
pub(crate) fn policy() -> impl Strategy<Value = NetworkPolicySpec> {
    let whole = (
        parsed("[a-z]{1,5}=[a-z]{1,5}"),
        policy_rules(),
        policy_rules(),
    );
    whole.prop_map(|(selector, ingress, egress)| NetworkPolicySpec {
        selector,
        ingress,
        egress,
    })
}

/// The plainest app.
pub(crate) fn plain() -> AppSpec {
    AppSpec::new(Container::new(
        "web".parse().unwrap(),
        "nginx:1.27".parse().unwrap(),
    ))
}

/// A node with everything set.
pub(crate) fn node() -> Node {
    let labels = BTreeMap::from([("role".parse().unwrap(), "frontend".parse().unwrap())]);
    let named = Node::new(
        NodeId::from_u64(u64::MAX),
        "node-1.example.com".parse().unwrap(),
    );
    let capacity = Capacity {
        cpu: Cpu::from_millis(4000),
        memory: Bytes::from_u64(1 << 34),
        disk: Bytes::from_u64(1 << 40),
    };
    let addresses = vec!["10.0.0.1".parse().unwrap(), "fd00::1".parse().unwrap()];
    let taints = BTreeSet::from(["gpu=only:no-schedule".parse().unwrap()]);
    let described = Node {
        addresses,
        labels,
        taints,
        capacity,
        version: "0.1.0".to_owned(),
        ..named
    };
    Node {
        state: NodeState::Suspect,
        reason: Some(Code::new("no-answer")),
        zone: Some("eu-1a".parse().unwrap()),
        subnet: Some("10.244.1.0/24".parse().unwrap()),
        joined_at: Timestamp::from_micros(1_749_592_800_000_001),
        ..described
    }
}
