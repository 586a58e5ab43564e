//! Small objects for the tests: the same argument gives the same object.

use std::collections::BTreeMap;

use hm_model::{
    App, AppSpec, ClusterOptions, Container, Namespace, Node, NodeId, ObjectKey, Phase, Replica,
    ReplicaId, ReplicaStatus, Revision, RevisionNumber, Timestamp, TokenId, Wanted,
};
use hm_state::{
    Cluster, CreateCluster, DeployApp, Entry, GossipKeys, JoinNode, JoinTokenRecord, ReplicaReport,
    Vault,
};

/// When the tests begin.
pub(crate) const START: Timestamp = Timestamp::from_micros(1_750_000_000_000_000);
pub(crate) const FOUNDER: NodeId = NodeId::from_u64(1);
pub(crate) const SECRET: &[u8] = b"the private key of the authority";
pub(crate) const GOSSIP_KEY: [u8; 32] = *b"the key that all gossip is under";
pub(crate) const TOKEN_HASH: &[u8] = b"the hash of the secret of a token";

pub(crate) fn id(number: u64) -> NodeId {
    NodeId::from_u64(number)
}

pub(crate) fn node(number: u64) -> Node {
    Node {
        addresses: vec!["10.0.0.1".parse().unwrap()],
        ..Node::new(id(number), format!("n{number}").parse().unwrap())
    }
}

pub(crate) fn create() -> Entry {
    Entry::CreateCluster(Box::new(CreateCluster {
        cluster: Cluster {
            id: "c1".to_owned(),
            options: ClusterOptions::default(),
            created_at: START,
            ca_certificates: vec![vec![0x30, 0x01]],
        },
        vault: Vault {
            ca_key: SECRET.to_vec(),
        },
        gossip_keys: GossipKeys {
            keys: vec![GOSSIP_KEY],
        },
        node: node(1),
    }))
}

pub(crate) fn token(number: u64, uses_left: Option<u32>) -> JoinTokenRecord {
    JoinTokenRecord {
        id: TokenId::from_u64(number),
        secret_hash: TOKEN_HASH.to_vec(),
        expires_at: START.saturating_add(hm_model::Span::from_secs(3600)),
        uses_left,
    }
}

pub(crate) fn create_token(token: JoinTokenRecord) -> Entry {
    Entry::CreateToken(Box::new(token))
}

pub(crate) fn join(node: Node) -> Entry {
    join_with(node, 1)
}

pub(crate) fn join_with(node: Node, token: u64) -> Entry {
    Entry::JoinNode(Box::new(JoinNode {
        node,
        token: TokenId::from_u64(token),
    }))
}

pub(crate) fn namespace(name: &str) -> Namespace {
    name.parse().unwrap()
}

pub(crate) fn key(app: &str) -> ObjectKey {
    app.parse().unwrap()
}

pub(crate) fn revision(app: &str, number: u64) -> Revision {
    let container = Container::new("main".parse().unwrap(), "nginx:1.27".parse().unwrap());
    let digest = format!("sha256:{}", "a".repeat(64)).parse().unwrap();
    let image = container.image.pinned(digest);
    Revision {
        app: key(app),
        number: RevisionNumber::new(number),
        images: BTreeMap::from([(container.name.clone(), image)]),
        spec: AppSpec::new(container),
        created_at: START,
        created_by: hm_model::Actor::Local(0),
    }
}

pub(crate) fn deploy(app: &str, number: u64, place: Vec<Replica>) -> DeployApp {
    let revision = revision(app, number);
    DeployApp {
        app: App {
            key: key(app),
            spec: revision.spec.clone(),
            revision: revision.number,
        },
        revision,
        place,
        remove: Vec::new(),
    }
}

pub(crate) fn deployed(app: &str, number: u64, place: Vec<Replica>) -> Entry {
    Entry::DeployApp(Box::new(deploy(app, number, place)))
}

pub(crate) fn replica_id(text: &str) -> ReplicaId {
    text.parse().unwrap()
}

/// Of revision 1.
pub(crate) fn replica(text: &str, node: Option<u64>) -> Replica {
    Replica {
        id: replica_id(text),
        revision: RevisionNumber::new(1),
        node: node.map(id),
        wanted: Wanted::Running,
        status: ReplicaStatus::default(),
        created_at: START,
    }
}

pub(crate) fn of_revision(number: u64, replica: Replica) -> Replica {
    Replica {
        revision: RevisionNumber::new(number),
        ..replica
    }
}

pub(crate) fn place(place: Vec<Replica>) -> Entry {
    Entry::PlaceReplicas {
        place,
        remove: Vec::new(),
    }
}

pub(crate) fn remove(replicas: &[&str]) -> Entry {
    Entry::PlaceReplicas {
        place: Vec::new(),
        remove: replicas.iter().map(|text| replica_id(text)).collect(),
    }
}

pub(crate) fn report(node: u64, replica: &str, phase: Phase) -> Entry {
    Entry::ReportReplicas {
        node: id(node),
        reports: vec![ReplicaReport {
            replica: replica_id(replica),
            status: ReplicaStatus {
                phase,
                ..ReplicaStatus::default()
            },
        }],
    }
}
