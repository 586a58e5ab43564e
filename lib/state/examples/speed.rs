//! How fast the state is: 100,000 replicas of 1,000 apps on 1,000 nodes. `cargo run --release -p hm-state --example speed`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement looks at the clock and at its own memory, and says what it found"
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hm_model::{
    Actor, App, AppSpec, ClusterOptions, Code, Container, ContainerStatus, Namespace, Node, NodeId,
    ObjectKey, Phase, Replica, ReplicaId, ReplicaStatus, RequestId, Revision, RevisionNumber,
    Timestamp, TokenId, Via, Wanted,
};
use hm_state::{
    Cluster, CreateCluster, DeployApp, Entry, Envelope, FORMAT, GossipKeys, JoinNode,
    JoinTokenRecord, ReplicaReport, Reply, State, Vault,
};

const NODES: u64 = 1_000;
const APPS: u64 = 1_000;
const PER_APP: u32 = 100;
const REPLICAS: usize = 100_000;

fn main() {
    println!("{NODES} nodes, {APPS} apps, {REPLICAS} replicas");
    memory();
    let mut log = Log::default();
    log.rate("JoinNode", found());
    log.rate("DeployApp without replicas", (0..APPS).map(deploy));
    log.rate("PlaceReplicas", places());
    log.rate("ReportReplicas", reports(Phase::Starting));
    log.rate(
        "ReportReplicas with request ids",
        reports(Phase::Stopping).zip(1..).map(with_request_id),
    );
    let chunks = log.snapshot();
    log.while_a_snapshot_is_pulled("ReportReplicas while a snapshot is pulled");
    log.rate("ReportReplicas", reports(Phase::Starting));
    restore(&chunks);
}

/// Every entry is dropped as soon as it is applied, so what stays is the state.
fn memory() {
    let mut log = Log::default();
    let empty = resident();
    found()
        .chain((0..APPS).map(deploy))
        .for_each(|entry| log.apply(&entry.to_bytes()));
    let apps = resident();
    places().for_each(|entry| log.apply(&entry.to_bytes()));
    let placed = resident();
    reports(Phase::Running).for_each(|entry| log.apply(&entry.to_bytes()));
    let running = resident();
    let each = |bytes: usize| bytes.saturating_sub(apps) / REPLICAS;
    println!(
        "memory of nodes and apps: {} kB",
        apps.saturating_sub(empty) / 1024
    );
    println!(
        "memory per replica: {} bytes when placed, {} when running",
        each(placed),
        each(running)
    );
}

#[derive(Default)]
struct Log {
    state: State,
    index: u64,
}

impl Log {
    /// Applies an entry as raft hands it over, and answers as it wants it: bytes in, bytes out.
    fn apply(&mut self, bytes: &[u8]) {
        let envelope = Envelope::from_bytes(bytes).expect("just written");
        self.index += 1;
        let applied = self.state.apply(self.index, &envelope);
        std::hint::black_box(applied.reply.to_bytes());
        assert!(
            matches!(applied.reply, Reply::Done(_)),
            "{:?}",
            applied.reply
        );
    }

    fn rate(&mut self, what: &str, entries: impl Iterator<Item = Envelope>) {
        let entries: Vec<Vec<u8>> = entries.map(|entry| entry.to_bytes()).collect();
        let watch = Watch::start();
        for entry in &entries {
            self.apply(entry);
        }
        println!("{what:<45} {}", watch.rate(entries.len()));
    }

    fn snapshot(&self) -> Vec<Vec<u8>> {
        let start = Instant::now();
        let mut writer = self.state.snapshot();
        let begun = start.elapsed();
        let chunks: Vec<Vec<u8>> = std::iter::from_fn(|| writer.next_chunk()).collect();
        println!(
            "snapshot: begun in {:.1} us, written in {} ms, {} chunks, {} kB",
            micros(begun, 1),
            start.elapsed().as_millis(),
            chunks.len(),
            chunks.iter().map(Vec::len).sum::<usize>() / 1024
        );
        chunks
    }

    /// One thread pulls a snapshot while this one applies. The slowest entries tell whether anything was held up.
    fn while_a_snapshot_is_pulled(&mut self, what: &str) {
        let entries: Vec<Vec<u8>> = reports(Phase::Running)
            .map(|entry| entry.to_bytes())
            .collect();
        let mut writer = self.state.snapshot();
        std::thread::scope(|scope| {
            let pulling = scope.spawn(move || {
                let start = Instant::now();
                let chunks = std::iter::from_fn(|| writer.next_chunk()).count();
                (chunks, start.elapsed())
            });
            let watch = Watch::start();
            let mut each: Vec<Duration> = Vec::with_capacity(entries.len());
            for entry in entries.iter().take_while(|_| !pulling.is_finished()) {
                let one = Instant::now();
                self.apply(entry);
                each.push(one.elapsed());
            }
            println!("{what:<45} {}", watch.rate(each.len()));
            each.sort_unstable();
            let within = each.get(each.len() * 99 / 100).copied().unwrap_or_default();
            let (chunks, pulled) = pulling.join().expect("the snapshot is written");
            println!(
                "  99 of 100 within {:.0} us; {chunks} chunks pulled in {} ms meanwhile",
                micros(within, 1),
                pulled.as_millis()
            );
        });
    }
}

fn restore(chunks: &[Vec<u8>]) {
    let start = Instant::now();
    let state = State::restore(chunks.iter()).expect("an intact snapshot");
    println!(
        "snapshot: read in {} ms, {} replicas",
        start.elapsed().as_millis(),
        state.replicas().len()
    );
}

fn envelope(actor: Actor, entry: Entry) -> Envelope {
    Envelope {
        format: FORMAT,
        request: None,
        actor,
        via: Via::Internal,
        time: Timestamp::from_micros(1_750_000_000_000_000),
        expected_generation: None,
        entry,
    }
}

/// The cluster with all its nodes.
fn found() -> impl Iterator<Item = Envelope> {
    let token = envelope(Actor::CLUSTER, Entry::CreateToken(Box::new(token())));
    let joins = (1..NODES).map(|number| {
        let join = JoinNode {
            node: node(number),
            token: TokenId::from_u64(1),
        };
        envelope(Actor::CLUSTER, Entry::JoinNode(Box::new(join)))
    });
    [create(), token].into_iter().chain(joins)
}

fn create() -> Envelope {
    let create = CreateCluster {
        cluster: Cluster {
            id: "speed".to_owned(),
            options: ClusterOptions::default(),
            created_at: Timestamp::UNIX_EPOCH,
            ca_certificates: vec![vec![0x30; 500]],
        },
        vault: Vault {
            ca_key: vec![0x30; 140],
        },
        gossip_keys: GossipKeys {
            keys: vec![[1; 32]],
        },
        node: node(0),
    };
    envelope(Actor::CLUSTER, Entry::CreateCluster(Box::new(create)))
}

fn token() -> JoinTokenRecord {
    JoinTokenRecord {
        id: TokenId::from_u64(1),
        secret_hash: vec![7; 32],
        expires_at: Timestamp::MAX,
        uses_left: None,
    }
}

fn node_id(number: u64) -> NodeId {
    NodeId::from_u64((number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn node(number: u64) -> Node {
    let name = format!("node-{number}").parse().expect("a node name");
    Node {
        addresses: vec![[10, 0, (number / 250) as u8, (number % 250) as u8].into()],
        version: "0.1.0".to_owned(),
        ..Node::new(node_id(number), name)
    }
}

fn app_key(app: u64) -> ObjectKey {
    ObjectKey::new(
        Namespace::default(),
        format!("app-{app}").parse().expect("a name"),
    )
}

fn deploy(app: u64) -> Envelope {
    let container = Container::new(
        "web".parse().expect("a name"),
        "registry.example.com/team/web:1.2"
            .parse()
            .expect("an image"),
    );
    let digest = format!("sha256:{}", "0".repeat(64))
        .parse()
        .expect("a digest");
    let images = BTreeMap::from([(container.name.clone(), container.image.pinned(digest))]);
    let (key, spec, number) = (
        app_key(app),
        AppSpec::new(container),
        RevisionNumber::new(1),
    );
    let deploy = DeployApp {
        app: App {
            key: key.clone(),
            spec: spec.clone(),
            revision: number,
        },
        revision: Revision {
            app: key,
            number,
            spec,
            images,
            created_at: Timestamp::UNIX_EPOCH,
            created_by: Actor::CLUSTER,
        },
        place: Vec::new(),
        remove: Vec::new(),
    };
    envelope(Actor::CLUSTER, Entry::DeployApp(Box::new(deploy)))
}

fn replica_id(app: u64, slot: u32) -> ReplicaId {
    ReplicaId {
        app: app_key(app),
        slot,
        incarnation: app << 20 | u64::from(slot),
    }
}

fn place(app: u64, slot: u32) -> Envelope {
    let replica = Replica {
        id: replica_id(app, slot),
        revision: RevisionNumber::new(1),
        node: Some(node_id((app + u64::from(slot)) % NODES)),
        wanted: Wanted::Running,
        status: ReplicaStatus::default(),
        created_at: Timestamp::UNIX_EPOCH,
    };
    envelope(
        Actor::CLUSTER,
        Entry::PlaceReplicas {
            place: vec![replica],
            remove: Vec::new(),
        },
    )
}

fn places() -> impl Iterator<Item = Envelope> {
    (0..APPS).flat_map(|app| (0..PER_APP).map(move |slot| place(app, slot)))
}

/// One report for every replica, in an order that is not that of the table.
fn reports(phase: Phase) -> impl Iterator<Item = Envelope> {
    (0..PER_APP).flat_map(move |slot| (0..APPS).map(move |app| report(app, slot, phase)))
}

fn report(app: u64, slot: u32, phase: Phase) -> Envelope {
    let node = node_id((app + u64::from(slot)) % NODES);
    let container = ContainerStatus {
        phase,
        started_at: Some(Timestamp::UNIX_EPOCH),
        ..ContainerStatus::default()
    };
    let status = ReplicaStatus {
        phase,
        reason: Some(Code::new("probe-passed")),
        message: String::new(),
        ready: phase == Phase::Running,
        addresses: vec![[10, 244, (app % 250) as u8, slot as u8].into()],
        containers: BTreeMap::from([("web".parse().expect("a name"), container)]),
        since: Timestamp::from_micros(1_750_000_000_000_000),
    };
    let reports = vec![ReplicaReport {
        replica: replica_id(app, slot),
        status,
    }];
    envelope(Actor::Node(node), Entry::ReportReplicas { node, reports })
}

fn with_request_id((envelope, number): (Envelope, u128)) -> Envelope {
    let scattered = number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_0c5c_5f0d_2a11);
    Envelope {
        request: Some(RequestId::from_u128(scattered)),
        ..envelope
    }
}

/// Time on the clock, and time that this thread had a processor: on a busy machine only the second is telling.
struct Watch {
    wall: Instant,
    processor: Duration,
}

impl Watch {
    fn start() -> Self {
        Self {
            wall: Instant::now(),
            processor: processor_time(),
        }
    }

    fn rate(&self, entries: usize) -> String {
        let (wall, processor) = (
            self.wall.elapsed(),
            processor_time().saturating_sub(self.processor),
        );
        let per_second = |took: Duration| entries as f64 / took.as_secs_f64();
        format!(
            "{:>8.0}/s, of processor time {:>8.0}/s, {:.1} us each",
            per_second(wall),
            per_second(processor),
            micros(processor, entries)
        )
    }
}

/// The first number there: nanoseconds on a processor.
fn processor_time() -> Duration {
    let line = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = line.and_then(|line| line.split(' ').next()?.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}

fn micros(took: Duration, entries: usize) -> f64 {
    took.as_secs_f64() * 1e6 / entries as f64
}

/// Bytes of memory this process holds.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    pages
        .and_then(|line| line.split(' ').nth(1)?.parse::<usize>().ok())
        .map_or(0, |pages| pages * 4096)
}
