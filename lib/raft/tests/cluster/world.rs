//! The simulated world: a network with latency and cuts, slow disks that survive crashes, and a machine that remembers.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use hm_model::NodeId;
use hm_ports::task::Scope;
use hm_ports::{AddressBook, BoxFuture, CallError, Link, Method, Peer, Transport};
use hm_raft::testing::Medium;
use hm_raft::{
    ApplyError, Disk, Frozen, Job, Machine, Options, Raft, RestoreError, Status, Storage, Timings,
    seed_thread_rng,
};
use rand08::rngs::StdRng;
use rand08::{Rng, SeedableRng};
use tokio::time::{Instant, sleep, timeout};

pub(crate) fn id(number: u64) -> NodeId {
    NodeId::from_u64(number)
}

/// Runs a test on virtual time; everything random follows from the seed.
pub(crate) fn run<F: Future>(seed: u64, test: F) -> F::Output {
    seed_thread_rng(seed);
    let rng_seed = tokio::runtime::RngSeed::from_bytes(&seed.to_le_bytes());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .rng_seed(rng_seed)
        .build()
        .expect("a runtime");
    runtime.block_on(test)
}

/// Remembers every entry in order. Entries are read by the test.
#[derive(Clone, Default)]
pub(crate) struct Journal(Arc<Mutex<Vec<Bytes>>>);

impl Journal {
    pub(crate) fn entries(&self) -> Vec<Bytes> {
        self.0.lock().expect("never poisoned").clone()
    }
}

impl Machine for Journal {
    fn apply(&mut self, index: u64, entry: &[u8]) -> Result<Bytes, ApplyError> {
        let mut entries = self.0.lock().expect("never poisoned");
        entries.push(Bytes::copy_from_slice(entry));
        assert_eq!(entries.len() as u64, index, "indexes have no gaps");
        Ok(Bytes::copy_from_slice(&index.to_le_bytes()))
    }

    fn freeze(&self) -> Box<dyn Frozen> {
        Box::new(FrozenJournal(self.entries()))
    }

    fn restore(
        &mut self,
        index: u64,
        chunks: &mut dyn Iterator<Item = Bytes>,
    ) -> Result<(), RestoreError> {
        let mut restored = Vec::new();
        for chunk in chunks {
            let mut rest = chunk;
            while !rest.is_empty() {
                let length = usize::from(rest.split_to(1)[0]);
                restored.push(rest.split_to(length));
            }
        }
        assert_eq!(restored.len() as u64, index);
        *self.0.lock().expect("never poisoned") = restored;
        Ok(())
    }
}

struct FrozenJournal(Vec<Bytes>);

impl Frozen for FrozenJournal {
    fn next_chunk(&mut self) -> Option<Bytes> {
        let some: Vec<Bytes> = self.0.drain(..self.0.len().min(100)).collect();
        let chunk: Vec<u8> = some
            .iter()
            .flat_map(|entry| {
                std::iter::once(u8::try_from(entry.len()).expect("short")).chain(entry.to_vec())
            })
            .collect();
        (!chunk.is_empty()).then(|| chunk.into())
    }
}

/// A disk that takes its time.
struct SlowDisk(Arc<Mutex<StdRng>>);

impl Disk for SlowDisk {
    fn run(&self, job: Job) -> BoxFuture<()> {
        let pause =
            Duration::from_micros(self.0.lock().expect("never poisoned").gen_range(200..4_000));
        Box::pin(async move {
            sleep(pause).await;
            job();
        })
    }
}

struct NoAddresses;

impl AddressBook for NoAddresses {
    fn addresses(&self, _: NodeId) -> Vec<SocketAddr> {
        Vec::new()
    }
}

/// A world without other nodes.
pub(crate) fn nobody() -> (Arc<dyn Transport>, Arc<dyn AddressBook>) {
    let net = Cluster::new(0).net;
    (Arc::new(Endpoint { me: id(1), net }), Arc::new(NoAddresses))
}

/// Who listens, and which ways are cut.
pub(crate) struct Net {
    nodes: Mutex<BTreeMap<NodeId, Raft>>,
    cut: Mutex<BTreeSet<(NodeId, NodeId)>>,
    rng: Arc<Mutex<StdRng>>,
    calls: Mutex<BTreeMap<Method, u64>>,
}

impl Net {
    async fn travel(&self, from: NodeId, to: NodeId) -> Result<(), CallError> {
        let pause = Duration::from_micros(
            self.rng
                .lock()
                .expect("never poisoned")
                .gen_range(100..2_000),
        );
        sleep(pause).await;
        if self
            .cut
            .lock()
            .expect("never poisoned")
            .contains(&(from, to))
        {
            // A lost packet is not answered.
            sleep(Duration::from_secs(30)).await;
            return Err(CallError::Unreachable {
                node: to,
                reason: "no answer".to_owned(),
            });
        }
        Ok(())
    }
}

struct Endpoint {
    me: NodeId,
    net: Arc<Net>,
}

impl Transport for Endpoint {
    fn call(&self, to: Peer, method: Method, body: Bytes) -> BoxFuture<Result<Bytes, CallError>> {
        let (net, me) = (self.net.clone(), self.me);
        Box::pin(async move {
            *net.calls
                .lock()
                .expect("never poisoned")
                .entry(method)
                .or_default() += 1;
            net.travel(me, to.id).await?;
            let node = net
                .nodes
                .lock()
                .expect("never poisoned")
                .get(&to.id)
                .cloned();
            let refused = || CallError::Unreachable {
                node: to.id,
                reason: "connection refused".to_owned(),
            };
            let answer = node.ok_or_else(refused)?.serve(me, method, body).await;
            net.travel(to.id, me).await?;
            answer.map_err(|refusal| CallError::Refused {
                node: to.id,
                refusal,
            })
        })
    }

    fn link(&self, to: Peer, _: Method, _: Bytes) -> BoxFuture<Result<Link, CallError>> {
        Box::pin(async move {
            Err(CallError::Unreachable {
                node: to.id,
                reason: "raft needs no links".to_owned(),
            })
        })
    }
}

/// One node's hardware and its present life.
struct Node {
    medium: Medium,
    scope: Arc<Scope>,
    journal: Journal,
    raft: Option<Raft>,
}

pub(crate) struct Cluster {
    pub(crate) net: Arc<Net>,
    nodes: BTreeMap<NodeId, Node>,
    timings: Timings,
    rng: StdRng,
    written: u64,
}

impl Cluster {
    pub(crate) fn new(seed: u64) -> Self {
        let net = Net {
            nodes: Mutex::default(),
            cut: Mutex::default(),
            rng: Arc::new(Mutex::new(StdRng::seed_from_u64(seed))),
            calls: Mutex::default(),
        };
        let timings = Timings::default();
        Self {
            net: Arc::new(net),
            nodes: BTreeMap::new(),
            timings,
            rng: StdRng::seed_from_u64(!seed),
            written: 0,
        }
    }

    /// A cluster with these voters, which agree on a first entry.
    pub(crate) async fn with_voters(seed: u64, voters: impl IntoIterator<Item = u64>) -> Self {
        let mut cluster = Self::new(seed);
        let voters: BTreeSet<NodeId> = voters.into_iter().map(id).collect();
        for node in &voters {
            cluster.start(*node).await;
        }
        let first = *voters.first().expect("a voter");
        cluster.raft(first).initialize().await.expect("a new node");
        cluster.until(first, |status| status.is_leader()).await;
        cluster
            .raft(first)
            .change_voters(voters.clone())
            .await
            .expect("voters");
        cluster.write().await;
        cluster
    }

    /// Starts a node on its medium, new or as the last life left it.
    pub(crate) async fn start(&mut self, node: NodeId) {
        let medium = self
            .nodes
            .get(&node)
            .map(|node| node.medium.clone())
            .unwrap_or_default();
        let (scope, journal) = (Scope::new(), Journal::default());
        let options = Options {
            id: node,
            timings: self.timings.clone(),
            transport: Arc::new(Endpoint {
                me: node,
                net: self.net.clone(),
            }),
            addresses: Arc::new(NoAddresses),
            disk: Arc::new(SlowDisk(self.net.rng.clone())),
        };
        let storage = Storage::backend(&format!("disk of {node}"), medium.attach());
        let opening = Raft::open(options, storage, Box::new(journal.clone()));
        let raft = scope.enter(opening).await.expect("a sound disk");
        self.net
            .nodes
            .lock()
            .expect("never poisoned")
            .insert(node, raft.clone());
        self.nodes.insert(
            node,
            Node {
                medium,
                scope,
                journal,
                raft: Some(raft),
            },
        );
    }

    /// The power of a node fails.
    pub(crate) fn kill(&mut self, node: NodeId) {
        let seed = self.rng.r#gen();
        self.net.nodes.lock().expect("never poisoned").remove(&node);
        let node = self.nodes.get_mut(&node).expect("a node");
        node.scope.kill();
        node.medium.crash(seed);
        node.raft = None;
    }

    /// A node is told to stop, and does so in order.
    pub(crate) async fn stop(&mut self, node: NodeId) {
        self.raft(node).shutdown().await;
        self.net.nodes.lock().expect("never poisoned").remove(&node);
        let node = self.nodes.get_mut(&node).expect("a node");
        node.raft = None;
    }

    pub(crate) fn cut_off(&self, node: NodeId) {
        let mut cut = self.net.cut.lock().expect("never poisoned");
        for other in self.nodes.keys().filter(|other| **other != node) {
            cut.extend([(node, *other), (*other, node)]);
        }
    }

    pub(crate) fn heal(&self) {
        self.net.cut.lock().expect("never poisoned").clear();
    }

    pub(crate) fn raft(&self, node: NodeId) -> Raft {
        self.nodes[&node].raft.clone().expect("a running node")
    }

    pub(crate) fn rafts(&self) -> Vec<Raft> {
        self.nodes
            .values()
            .filter_map(|node| node.raft.clone())
            .collect()
    }

    pub(crate) fn journal(&self, node: NodeId) -> Journal {
        self.nodes[&node].journal.clone()
    }

    pub(crate) fn medium(&self, node: NodeId) -> Medium {
        self.nodes[&node].medium.clone()
    }

    /// How many calls there were so far, by method.
    pub(crate) fn calls(&self) -> BTreeMap<Method, u64> {
        self.net.calls.lock().expect("never poisoned").clone()
    }

    pub(crate) async fn until(&self, node: NodeId, wanted: impl FnMut(&Status) -> bool) -> Status {
        let mut status = self.raft(node).status();
        let reached = timeout(Duration::from_secs(60), status.wait_for(wanted)).await;
        let last = self.raft(node).status().borrow().clone();
        reached
            .unwrap_or_else(|_| panic!("not within a minute: {last:?}"))
            .expect("running")
            .clone()
    }

    /// The running node that leads and can prove it.
    pub(crate) async fn leader(&self) -> NodeId {
        loop {
            for raft in self.rafts() {
                if raft.confirm_leadership().await.is_ok() {
                    return raft.status().borrow().id;
                }
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Writes one entry through whoever leads, as a client that asks around does. Returns how long that took.
    pub(crate) async fn write(&mut self) -> Duration {
        self.written += 1;
        let entry = Bytes::from(format!("entry {}", self.written));
        write_somewhere(self.rafts(), entry).await
    }

    /// Every running node has exactly the entries that were written, each at least once (retries repeat them), in one order.
    pub(crate) async fn agree(&self) {
        let leader = self.leader().await;
        let index = self
            .raft(leader)
            .confirm_leadership()
            .await
            .expect("a leader");
        for (node, hardware) in &self.nodes {
            if hardware.raft.is_some() {
                self.until(*node, |status| status.last_applied >= index)
                    .await;
            }
        }
        let reference = self.journal(leader).entries();
        for number in 1..=self.written {
            assert!(
                reference.contains(&Bytes::from(format!("entry {number}"))),
                "entry {number} was lost"
            );
        }
        for (node, hardware) in &self.nodes {
            if hardware.raft.is_some() {
                let entries = hardware.journal.entries();
                assert!(
                    entries.starts_with(&reference),
                    "node {node} has another history"
                );
            }
        }
    }
}

/// Tries one node after the other until one of them agrees.
pub(crate) async fn write_somewhere(nodes: Vec<Raft>, entry: Bytes) -> Duration {
    let start = Instant::now();
    loop {
        for raft in &nodes {
            let attempt = timeout(Duration::from_millis(500), raft.propose(entry.clone()));
            if let Ok(Ok(applied)) = attempt.await {
                assert_eq!(applied.reply, applied.index.to_le_bytes()[..]);
                return start.elapsed();
            }
        }
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "nobody takes writes"
        );
        sleep(Duration::from_millis(10)).await;
    }
}
