//! A node for the door to belong to: a real store without raft, a simple authority, an audit in memory.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Builder;
use axum::response::Response;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use hm_api::health::{HealthCheck, HealthStatus};
use hm_api::{JSON, Operation};
use hm_control::Gossip;
use hm_model::{Actor, ClusterOptions, Node, NodeId, Timestamp, TokenId, Via};
use hm_ports::{Clock, Random};
use hm_protocol::server::Proposal;
use hm_raft::Machine;
use hm_state::{
    Cluster, CreateCluster, Done, Entry, Envelope, FEATURE_LEVEL, FORMAT, GossipKeys, Reply, Vault,
};
use http_body_util::BodyExt;
use serde_json::Value;

use crate::error::ProposeError;
use crate::http::audit::{AuditEvent, AuditLog, Full};
use crate::http::{
    Account, Authority, AuthorityError, Door, Entrance, ForwardError, Forwarded, Leadership, Me,
    Membership, NewMember, NewToken, Parts, Place, Server, ShownToken,
};
use crate::sightings::Seen;
use crate::store::{Store, StoreMachine};

pub(super) const ME: NodeId = NodeId::from_u64(0x0123_4567_89ab_cdef);
pub(super) const SECRET: &str = "open-sesame";
const NOW: i64 = 1_750_000_000_000_000;

/// Everything behind one door, with handles to disturb it.
pub(super) struct Home {
    pub(super) door: Arc<Door>,
    pub(super) node: Arc<FakeNode>,
    pub(super) audit: Arc<MemoryAudit>,
}

pub(super) struct FakeNode {
    pub(super) small: Arc<SmallServer>,
    pub(super) is_server: AtomicBool,
    pub(super) forwarded: Mutex<Vec<Forwarded>>,
    pub(super) checks: Mutex<Vec<HealthCheck>>,
}

/// A server whose log is a loop.
pub(super) struct SmallServer {
    store: Arc<Store>,
    index: AtomicU64,
    pub(super) fails: Mutex<Option<ProposeError>>,
    pub(super) hangs: AtomicBool,
    pub(super) leads: AtomicBool,
}

#[derive(Default)]
pub(super) struct MemoryAudit {
    pub(super) events: Mutex<Vec<AuditEvent>>,
    pub(super) full: AtomicBool,
}

struct FakeClock(AtomicI64);
struct Counter(AtomicU64);
struct SimpleAuthority;

impl Home {
    pub(super) fn new() -> Self {
        let small = Arc::new(SmallServer {
            store: Arc::default(),
            index: AtomicU64::new(0),
            fails: Mutex::default(),
            hangs: AtomicBool::new(false),
            leads: AtomicBool::new(true),
        });
        small.apply(&first_entry());
        let node = Arc::new(FakeNode {
            small,
            is_server: AtomicBool::new(true),
            forwarded: Mutex::default(),
            checks: Mutex::default(),
        });
        let audit = Arc::<MemoryAudit>::default();
        let door = Door::new(Parts {
            me: Me {
                id: ME,
                name: "n1".to_owned(),
                version: "0.1.0".to_owned(),
            },
            place: node.clone(),
            authority: Arc::new(SimpleAuthority),
            audit: audit.clone(),
            clock: Arc::new(FakeClock(AtomicI64::new(NOW))),
            random: Arc::new(Counter(AtomicU64::new(1))),
            administrators: Some(998),
        });
        Self { door, node, audit }
    }

    pub(super) fn change(&self, entry: Entry) -> Done {
        self.node
            .small
            .apply(&envelope(entry))
            .into_result()
            .expect("done")
    }

    pub(super) async fn ask(&self, entrance: &Entrance, request: Request) -> Answer {
        Answer::read(self.door.answer(entrance, request).await).await
    }

    /// Asks as root.
    pub(super) async fn root(&self, request: Request) -> Answer {
        self.ask(&root(), request).await
    }

    pub(super) async fn get(&self, uri: &str) -> Answer {
        self.root(request("GET", uri).body(Body::empty()).expect("a request"))
            .await
    }

    pub(super) async fn send(&self, method: &str, uri: &str, body: Value) -> Answer {
        self.root(json(method, uri, &body)).await
    }
}

/// A response that was read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: axum::http::HeaderMap,
    pub(super) bytes: Bytes,
}

impl Answer {
    pub(super) async fn read(response: Response) -> Self {
        let (head, body) = response.into_parts();
        // A stream has no end: its head is all that is asked for here.
        let stream = head
            .headers
            .get("content-type")
            .is_some_and(|kind| kind == hm_api::NDJSON);
        let bytes = if stream {
            Bytes::new()
        } else {
            body.collect().await.expect("a body").to_bytes()
        };
        Self {
            status: head.status.as_u16(),
            headers: head.headers,
            bytes,
        }
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(super) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

pub(super) fn root() -> Entrance {
    Entrance::Socket(Account {
        uid: 0,
        name: "root".to_owned(),
        groups: vec![0],
    })
}

pub(super) fn stranger() -> Entrance {
    Entrance::Https("192.0.2.7".parse().expect("an address"))
}

pub(super) fn request(method: &str, uri: &str) -> Builder {
    Request::builder().method(method).uri(uri)
}

pub(super) fn json(method: &str, uri: &str, body: &Value) -> Request {
    request(method, uri)
        .header("content-type", JSON)
        .body(Body::from(body.to_string()))
        .expect("a request")
}

/// A request that should succeed for an operation, were it not for who asks.
pub(super) fn good_request(operation: Operation) -> Request {
    let parameters: &[&str] = match operation {
        Operation::NodeShow => &["n1"],
        Operation::SettingShow | Operation::SettingSet | Operation::SettingUnset => {
            &["scheduler.rebalance_threshold"]
        }
        Operation::TokenDelete => &["0000000000007"],
        Operation::Health
        | Operation::OpenApi
        | Operation::ClusterShow
        | Operation::NodeList
        | Operation::SettingList
        | Operation::TokenCreate
        | Operation::TokenList
        | Operation::Join
        | Operation::EventList
        | Operation::NamespaceList
        | Operation::Watch => &[],
    };
    let path = operation.path_of(parameters);
    let method = operation.method().as_str();
    if operation == Operation::Join {
        json(method, &path, &join_body())
    } else if operation == Operation::SettingSet {
        json(method, &path, &serde_json::json!({"value": 30}))
    } else if operation == Operation::TokenCreate {
        json(method, &path, &serde_json::json!({}))
    } else {
        request(method, &path)
            .body(Body::empty())
            .expect("a request")
    }
}

/// A token with the id 7, as `good_request` expects it.
pub(super) fn token_entry() -> Entry {
    Entry::CreateToken(Box::new(hm_state::JoinTokenRecord {
        id: TokenId::from_u64(7),
        secret_hash: SECRET.into(),
        expires_at: Timestamp::from_micros(NOW + 3_600_000_000),
        uses_left: Some(1),
    }))
}

pub(super) fn join_body() -> Value {
    serde_json::json!({
        "token": format!("{}:{SECRET}", TokenId::from_u64(7)), "node": NodeId::from_u64(2), "name": "n2", "csr": "a request",
        "addresses": ["10.0.0.2"], "api_port": 3000, "gossip_port": 7946, "version": "0.1.0",
        "feature_level": FEATURE_LEVEL, "time": Timestamp::from_micros(NOW),
    })
}

fn first_entry() -> Envelope {
    let mut node = Node::new(ME, "n1".parse().expect("a name"));
    node.addresses = vec!["10.0.0.1".parse().expect("an address")];
    node.feature_level = FEATURE_LEVEL;
    envelope(Entry::CreateCluster(Box::new(CreateCluster {
        cluster: Cluster {
            id: "c1".to_owned(),
            options: ClusterOptions::default(),
            created_at: Timestamp::from_micros(NOW),
            ca_certificates: Vec::new(),
        },
        vault: Vault { ca_key: Vec::new() },
        gossip_keys: GossipKeys {
            keys: vec![[7; 32]],
        },
        node,
    })))
}

fn envelope(entry: Entry) -> Envelope {
    Envelope {
        format: FORMAT,
        request: None,
        actor: Actor::CLUSTER,
        via: Via::Internal,
        time: Timestamp::from_micros(NOW),
        expected_generation: None,
        entry,
    }
}

impl SmallServer {
    fn apply(&self, envelope: &Envelope) -> Reply {
        let index = self.index.fetch_add(1, Ordering::SeqCst) + 1;
        let reply = StoreMachine(self.store.clone())
            .apply(index, &envelope.to_bytes())
            .expect("applied");
        Reply::from_bytes(&reply).expect("a reply")
    }
}

impl Server for SmallServer {
    fn store(&self) -> &Arc<Store> {
        &self.store
    }

    fn propose(&self, proposal: Proposal) -> BoxFuture<'_, Result<Done, ProposeError>> {
        Box::pin(async move {
            if self.hangs.load(Ordering::SeqCst) {
                return std::future::pending().await;
            }
            if let Some(error) = self.fails.lock().expect("unpoisoned").clone() {
                return Err(error);
            }
            let Proposal {
                actor,
                via,
                request,
                expected_generation,
                entry,
            } = proposal;
            let envelope = Envelope {
                actor,
                via,
                request,
                expected_generation,
                ..envelope(entry)
            };
            self.apply(&envelope)
                .into_result()
                .map_err(ProposeError::Refused)
        })
    }

    fn leadership(&self) -> Leadership {
        let leader = self.leads.load(Ordering::SeqCst).then_some(ME);
        Leadership {
            leader,
            voters: BTreeSet::from([ME]),
            doubted: BTreeSet::new(),
        }
    }

    fn seen(&self, _: NodeId) -> Seen {
        Seen {
            gossip: Some(Gossip::Alive),
            gossip_since: Some(Timestamp::from_micros(NOW)),
            ..Seen::default()
        }
    }

    fn reachable(&self) -> BTreeSet<NodeId> {
        BTreeSet::new()
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_micros(NOW)
    }
}

impl Place for FakeNode {
    fn server(&self) -> Option<Arc<dyn Server>> {
        self.is_server
            .load(Ordering::SeqCst)
            .then(|| self.small.clone() as Arc<dyn Server>)
    }

    fn forward(&self, request: Forwarded) -> BoxFuture<'static, Result<Response, ForwardError>> {
        self.forwarded.lock().expect("unpoisoned").push(request);
        Box::pin(async {
            Err(ForwardError::NoServer {
                tried: vec!["n9".to_owned()],
            })
        })
    }

    fn linked(&self) -> bool {
        false
    }

    fn certificate_expires_at(&self) -> Option<Timestamp> {
        Some(Timestamp::from_micros(NOW))
    }

    fn checks(&self) -> Vec<HealthCheck> {
        self.checks.lock().expect("unpoisoned").clone()
    }
}

pub(super) fn bad_check() -> HealthCheck {
    HealthCheck {
        name: "disk".to_owned(),
        status: HealthStatus::Down,
        message: "full".to_owned(),
    }
}

impl AuditLog for MemoryAudit {
    fn record(&self, event: AuditEvent) -> Result<(), Full> {
        if self.full.load(Ordering::SeqCst) {
            return Err(Full);
        }
        self.events.lock().expect("unpoisoned").push(event);
        Ok(())
    }
}

impl Authority for SimpleAuthority {
    fn new_token(&self, _: &Cluster, random: &dyn Random) -> Result<NewToken, AuthorityError> {
        let id = TokenId::from_u64(random.next_u64());
        Ok(NewToken {
            id,
            text: format!("{id}:{SECRET}"),
            secret_hash: SECRET.into(),
        })
    }

    fn read_token(&self, text: &str) -> Result<ShownToken, AuthorityError> {
        let wrong = || AuthorityError::Token {
            reason: "no colon".to_owned(),
        };
        let (id, secret) = text.split_once(':').ok_or_else(wrong)?;
        Ok(ShownToken {
            id: id.parse().map_err(|_| wrong())?,
            secret_hash: secret.into(),
        })
    }

    fn sign(
        &self,
        _: &Cluster,
        _: &Vault,
        member: &NewMember<'_>,
    ) -> Result<Membership, AuthorityError> {
        if member.request.is_empty() {
            return Err(AuthorityError::Request {
                reason: "it is empty".to_owned(),
            });
        }
        Ok(Membership {
            certificate: format!("certificate of {}", member.id),
            authorities: vec!["ca".to_owned()],
        })
    }
}

impl Clock for FakeClock {
    fn now_micros(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Random for Counter {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            *byte = self.0.fetch_add(1, Ordering::SeqCst) as u8;
        }
    }
}
