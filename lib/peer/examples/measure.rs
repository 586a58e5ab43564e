//! What a small call and an idle connection cost, both ends in this process: `cargo run -p hm-peer --example measure`.

#![expect(clippy::print_stdout, reason = "it prints what it measured")]

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::try_join_all;
use hm_model::NodeId;
use hm_peer::{AcceptLimits, Accepted, Acceptor, PeerTransport, serve_connection};
use hm_ports::{BoxFuture, Handler, Link, Peer, Refusal, Transport};
use hm_tls::{
    ClusterCa, Credentials, Identity, NodeSubject, PrivateKey, TimeProvider, Trust, UnixTime,
    Validity,
};
use tokio::net::TcpListener;

const CALLS: u32 = 5000;
const AT_A_TIME: u32 = 100;
const CONNECTIONS: u32 = 200;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let ca = ClusterCa::create("measure", UnixTime::now())?;
    let server = NodeId::from_u64(1);
    let address = serve(credentials(&ca, server)?).await?;
    let to = Peer {
        id: server,
        addresses: vec![address],
    };
    let client = PeerTransport::new(credentials(&ca, NodeId::from_u64(2))?);
    calls(&client, &to).await?;
    connections(&ca, &to).await
}

async fn calls(client: &PeerTransport, to: &Peer) -> Outcome<()> {
    let call = || client.call(to.clone(), "measure/echo", Bytes::from_static(&[5; 200]));
    call().await?;
    let mut took = Vec::new();
    let (began, before) = (Instant::now(), cpu()?);
    for _ in 0..CALLS {
        let one = Instant::now();
        call().await?;
        took.push(one.elapsed());
    }
    took.sort();
    let (wall, busy) = (began.elapsed() / CALLS, (cpu()? - before) / CALLS);
    println!(
        "one after another: wall {wall:?}, processor {busy:?}, median {:?}",
        took[took.len() / 2]
    );
    let (began, before) = (Instant::now(), cpu()?);
    for _ in 0..CALLS / AT_A_TIME {
        try_join_all((0..AT_A_TIME).map(|_| call())).await?;
    }
    let (wall, busy) = (began.elapsed() / CALLS, (cpu()? - before) / CALLS);
    println!("{AT_A_TIME} at a time: wall {wall:?}, processor {busy:?}");
    Ok(())
}

async fn connections(ca: &ClusterCa, to: &Peer) -> Outcome<()> {
    let shared = credentials(ca, NodeId::from_u64(3))?;
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|_| PeerTransport::new(shared.clone()))
        .collect();
    let (began, before, memory) = (Instant::now(), cpu()?, resident_kib()?);
    for client in &clients {
        client
            .call(to.clone(), "measure/echo", Bytes::new())
            .await?;
    }
    let (wall, busy) = (
        began.elapsed() / CONNECTIONS,
        (cpu()? - before) / CONNECTIONS,
    );
    println!("connecting and one call: wall {wall:?}, processor {busy:?}");
    let each = (resident_kib()?.saturating_sub(memory)) / u64::from(CONNECTIONS);
    println!("an idle connection: {each} KiB for both ends");
    Ok(())
}

struct Echo;

impl Handler for Echo {
    fn call(
        &self,
        _from: NodeId,
        _method: String,
        body: Bytes,
    ) -> BoxFuture<Result<Bytes, Refusal>> {
        async move { Ok(body) }.boxed()
    }

    fn link(
        &self,
        _from: NodeId,
        _method: String,
        _hello: Bytes,
        _link: Link,
    ) -> BoxFuture<Result<(), Refusal>> {
        async move { Err(Refusal::new("no_links", "only calls are measured")) }.boxed()
    }
}

async fn serve(credentials: Arc<Credentials>) -> Outcome<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let acceptor = Acceptor::new(credentials, AcceptLimits::default());
    tokio::spawn(async move {
        let take = |accepted| {
            if let Accepted::Node { id, stream, .. } = accepted {
                tokio::spawn(serve_connection(*stream, id, Arc::new(Echo)));
            }
        };
        acceptor.run(listener, take).await;
    });
    Ok(address)
}

#[derive(Debug)]
struct SystemTime;

impl TimeProvider for SystemTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::now())
    }
}

fn credentials(ca: &ClusterCa, node: NodeId) -> Outcome<Arc<Credentials>> {
    let key = PrivateKey::generate()?;
    let subject = NodeSubject {
        node,
        names: vec![],
        addresses: vec![],
    };
    let certificate = ca.sign(
        &key.certificate_request()?,
        &subject,
        Validity::of_node(UnixTime::now()),
    )?;
    let identity = Identity::new(certificate, ca.certificate().clone(), key)?;
    let trust = Trust::new(vec![ca.certificate().clone()])?;
    Ok(Arc::new(Credentials::new(
        identity,
        trust,
        Arc::new(SystemTime),
    )?))
}

/// What this process has used of a processor, in the kernel's ticks of 10 ms.
fn cpu() -> Outcome<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    let ticks: Vec<u64> = fields
        .skip(11)
        .take(2)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    Ok(Duration::from_millis(ticks.iter().sum::<u64>() * 10))
}

fn resident_kib() -> Outcome<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = statm
        .split_whitespace()
        .nth(1)
        .unwrap_or_default()
        .parse()?;
    Ok(pages * 4)
}
