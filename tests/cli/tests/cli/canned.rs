//! Answers of a daemon, built from the API's types.

use std::collections::BTreeMap;
use std::time::SystemTime;

use hm_api::cluster::{Cluster, NodeCounts, NodeRef, Quorum, Server};
use hm_api::health::{Health, HealthCheck, HealthStatus};
use hm_api::node::{
    Capacity, GossipState, GossipView, Node, NodeDetail, NodeState, Role, Taint, TaintEffect,
};
use hm_api::setting::{Setting, SettingSource, SettingValue};
use hm_model::{NodeId, Span, Timestamp};

pub(crate) fn id(number: u64) -> NodeId {
    NodeId::from_u64(number)
}

pub(crate) fn node(number: u64, name: &str, state: NodeState, role: Role) -> Node {
    Node {
        id: id(number),
        name: name.to_owned(),
        address: format!("10.0.0.{number}").parse().expect("an address"),
        state,
        role,
        leader: false,
        schedulable: state == NodeState::Ready,
        labels: BTreeMap::new(),
        replicas: 0,
    }
}

/// Three servers, the first of them the leader, and an agent in maintenance.
pub(crate) fn nodes() -> Vec<Node> {
    let mut leader = node(1, "node-1", NodeState::Ready, Role::Server);
    leader.leader = true;
    leader.replicas = 12;
    leader.labels = BTreeMap::from([
        ("role".to_owned(), "frontend".to_owned()),
        ("ssd".to_owned(), String::new()),
    ]);
    let mut resting = node(4, "node-4", NodeState::Ready, Role::Agent);
    resting.schedulable = false;
    let second = node(2, "node-2", NodeState::Suspect, Role::Server);
    vec![
        leader,
        second,
        node(3, "node-3.example.com", NodeState::Down, Role::Server),
        resting,
    ]
}

/// A moment so long before now.
pub(crate) fn ago(span: Span) -> Timestamp {
    now().saturating_sub(span)
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("after 1970");
    Timestamp::from_micros(i64::try_from(since.as_micros()).expect("before the year 9999"))
}

pub(crate) fn days(days: u64) -> Span {
    Span::from_secs(days * 86_400)
}

pub(crate) fn node_detail() -> NodeDetail {
    NodeDetail {
        node: nodes().remove(0),
        addresses: vec![
            "10.0.0.1".parse().expect("an address"),
            "fd00::1".parse().expect("an address"),
        ],
        api_port: 3000,
        gossip_port: 7946,
        version: "0.1.0".to_owned(),
        feature_level: 1,
        taints: vec![Taint {
            key: "disk".to_owned(),
            value: "slow".to_owned(),
            effect: TaintEffect::NoSchedule,
        }],
        capacity: Capacity {
            cpu_millis: 4000,
            memory_bytes: 16_823_934_976,
            storage_bytes: 214_748_364_800,
        },
        zone: Some("a".to_owned()),
        region: None,
        joined_at: ago(days(12)),
        gossip: Some(GossipView {
            state: GossipState::Alive,
            since: ago(days(11)),
            seen_by: id(2),
        }),
        certificate_expires_at: Some(
            now()
                .saturating_add(days(20))
                .saturating_add(Span::from_secs(60)),
        ),
        generation: 3,
    }
}

pub(crate) fn cluster(alive: u32, leader: bool) -> Cluster {
    let server = |number: u64, name: &str, state: NodeState| Server {
        id: id(number),
        name: name.to_owned(),
        address: format!("10.0.0.{number}").parse().expect("an address"),
        state,
        leader: leader && number == 1,
    };
    Cluster {
        id: "c0ffee".to_owned(),
        name: "production-cluster".to_owned(),
        version: "0.1.0".to_owned(),
        feature_level: 1,
        revision: 42,
        leader: leader.then(|| NodeRef {
            id: id(1),
            name: "node-1".to_owned(),
        }),
        quorum: Quorum::of(3, alive),
        nodes: NodeCounts {
            total: 4,
            ready: 2,
            suspect: 1,
            down: 1,
            left: 0,
        },
        servers: vec![
            server(1, "node-1", NodeState::Ready),
            server(2, "node-2", NodeState::Suspect),
            server(3, "node-3.example.com", NodeState::Down),
        ],
    }
}

pub(crate) fn health(status: HealthStatus) -> Health {
    let check = |name: &str, status: HealthStatus, message: &str| HealthCheck {
        name: name.to_owned(),
        status,
        message: message.to_owned(),
    };
    let quorum = match status {
        HealthStatus::Ok => check("quorum", status, "3 of 3 servers alive"),
        HealthStatus::Degraded => check("quorum", status, "2 of 3 servers alive"),
        HealthStatus::Down => check("quorum", status, "1 of 3 servers alive, 2 needed"),
    };
    Health {
        status,
        node: id(1),
        name: "node-1".to_owned(),
        version: "0.1.0".to_owned(),
        role: Role::Server,
        leader: status != HealthStatus::Down,
        quorum: status != HealthStatus::Down,
        checks: vec![check("disk", HealthStatus::Ok, "1 ms to write"), quorum],
    }
}

pub(crate) fn setting(value: i64, source: SettingSource) -> Setting {
    Setting {
        key: "scheduler.rebalance_threshold".to_owned(),
        value: SettingValue::Integer(value),
        default: SettingValue::Integer(10),
        unit: Some("%".to_owned()),
        description: "How uneven the load may get.".to_owned(),
        source,
        generation: 1,
    }
}
