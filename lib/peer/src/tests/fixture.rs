//! A small cluster on localhost: credentials, servers that can be killed, a relay that can go silent.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use hm_model::NodeId;
use hm_ports::{BoxFuture, Handler, Link, Peer, Refusal};
use hm_tls::{
    ClusterCa, Credentials, Identity, NodeSubject, PrivateKey, TimeProvider, Trust, UnixTime,
    Validity,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Notify, watch};

use crate::{AcceptLimits, Accepted, Acceptor, PeerTransport, serve_connection};

pub(super) const CLIENT: NodeId = NodeId::from_u64(1);
pub(super) const SERVER: NodeId = NodeId::from_u64(2);

/// Nothing in these tests takes longer; what does, hangs.
pub(super) const SOON: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Noon;

impl TimeProvider for Noon {
    fn current_time(&self) -> Option<UnixTime> {
        Some(noon())
    }
}

fn noon() -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000))
}

fn ca() -> &'static ClusterCa {
    static CA: OnceLock<ClusterCa> = OnceLock::new();
    CA.get_or_init(|| ClusterCa::create("test", noon()).unwrap())
}

pub(super) fn credentials(node: NodeId) -> Arc<Credentials> {
    credentials_from(ca(), node)
}

/// Believes the cluster, but shows a certificate of another CA.
pub(super) fn stray_credentials(node: NodeId) -> Arc<Credentials> {
    credentials_from(&ClusterCa::create("other", noon()).unwrap(), node)
}

fn credentials_from(ca: &ClusterCa, node: NodeId) -> Arc<Credentials> {
    let key = PrivateKey::generate().unwrap();
    let subject = NodeSubject {
        node,
        names: vec![],
        addresses: vec![],
    };
    let certificate = ca
        .sign(
            &key.certificate_request().unwrap(),
            &subject,
            Validity::of_node(noon()),
        )
        .unwrap();
    let identity = Identity::new(certificate, ca.certificate().clone(), key).unwrap();
    let trust = Trust::new(vec![self::ca().certificate().clone()]).unwrap();
    Arc::new(Credentials::new(identity, trust, Arc::new(Noon)).unwrap())
}

pub(super) fn client() -> PeerTransport {
    PeerTransport::new(credentials(CLIENT))
}

pub(super) fn peer(address: SocketAddr) -> Peer {
    Peer {
        id: SERVER,
        addresses: vec![address],
    }
}

pub(super) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, future)
        .await
        .expect("it takes too long")
}

/// A node as another process would be: with a runtime of its own, which takes everything along when it is killed.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) seen: Arc<Seen>,
    runtime: Option<Runtime>,
}

impl Server {
    pub(super) fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), AcceptLimits::default())
    }

    pub(super) fn start_at(address: SocketAddr, limits: AcceptLimits) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = std::thread::scope(|scope| {
            scope
                .spawn(|| runtime.block_on(TcpListener::bind(address)))
                .join()
                .unwrap()
                .unwrap()
        });
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let handler: Arc<dyn Handler> = Arc::new(TestHandler(seen.clone()));
        let (acceptor, counted) = (Acceptor::new(credentials(SERVER), limits), seen.clone());
        runtime.spawn(async move {
            let take = move |accepted| {
                let Accepted::Node { id, stream, .. } = accepted else {
                    return;
                };
                counted.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve_connection(*stream, id, handler.clone()));
            };
            acceptor.run(listener, take).await;
        });
        Self {
            address,
            seen,
            runtime: Some(runtime),
        }
    }

    /// Like SIGKILL: every socket is closed, nothing says goodbye.
    pub(super) fn kill(mut self) -> SocketAddr {
        self.stop();
        self.address
    }

    pub(super) fn peer(&self) -> Peer {
        peer(self.address)
    }

    pub(super) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    fn stop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            std::thread::spawn(move || runtime.shutdown_timeout(SOON))
                .join()
                .unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What the test looks at from outside.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) connections: AtomicUsize,
    /// Handlers that hang at the moment.
    pub(super) hanging: watch::Sender<usize>,
    /// Messages that `flood` has got rid of, and that `hold` has taken.
    pub(super) moved: watch::Sender<usize>,
    /// Lets `hold` read.
    pub(super) go: Notify,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            connections: AtomicUsize::new(0),
            hanging: watch::channel(0).0,
            moved: watch::channel(0).0,
            go: Notify::new(),
        }
    }
}

struct TestHandler(Arc<Seen>);

/// Counts one hanging handler for as long as it lives.
struct Hanging(Arc<Seen>);

impl Hanging {
    fn new(seen: Arc<Seen>) -> Self {
        seen.hanging.send_modify(|count| *count += 1);
        Self(seen)
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        self.0.hanging.send_modify(|count| *count -= 1);
    }
}

impl Handler for TestHandler {
    fn call(&self, from: NodeId, method: String, body: Bytes) -> BoxFuture<Result<Bytes, Refusal>> {
        let seen = self.0.clone();
        async move {
            match method.as_str() {
                "test/echo" => Ok(body),
                "test/who" => Ok(from.to_string().into()),
                "test/size" => {
                    let size: usize = std::str::from_utf8(&body).unwrap().parse().unwrap();
                    Ok(vec![1; size].into())
                }
                "test/hang" => {
                    let _hanging = Hanging::new(seen);
                    std::future::pending().await
                }
                "test/panic" => panic!("the handler's own fault"),
                _ => Err(Refusal::new(
                    "unknown_method",
                    format!("no method {method}"),
                )),
            }
        }
        .boxed()
    }

    fn link(
        &self,
        from: NodeId,
        method: String,
        hello: Bytes,
        link: Link,
    ) -> BoxFuture<Result<(), Refusal>> {
        let seen = self.0.clone();
        async move {
            match method.as_str() {
                "test/echo" => echo(hello, link).await,
                "test/hold" => hold(&seen, link).await,
                "test/flood" => flood(&seen, link).await,
                "test/leave" => leave(link),
                "test/leak" => std::mem::forget(link.outgoing.clone()),
                "test/wait" => {
                    let _hanging = Hanging::new(seen);
                    link.outgoing.closed().await;
                }
                _ => {
                    return Err(Refusal::new(
                        "unknown_method",
                        format!("{from} wants {method}"),
                    ));
                }
            }
            Ok(())
        }
        .boxed()
    }
}

async fn echo(hello: Bytes, mut link: Link) {
    let mut next = Some(hello);
    while let Some(message) = next {
        if link.outgoing.send(message).await.is_err() {
            return;
        }
        next = link.incoming.recv().await;
    }
}

async fn hold(seen: &Seen, mut link: Link) {
    seen.go.notified().await;
    while link.incoming.recv().await.is_some() {
        seen.moved.send_modify(|count| *count += 1);
    }
}

async fn flood(seen: &Seen, link: Link) {
    while link.outgoing.send(vec![3; 64 * 1024].into()).await.is_ok() {
        seen.moved.send_modify(|count| *count += 1);
    }
}

fn leave(link: Link) {
    for number in 0..3u8 {
        link.outgoing.try_send(vec![number].into()).unwrap();
    }
}

/// Passes bytes on, until it is told to swallow them: a cut cable, on which nothing is refused and nothing arrives.
pub(super) struct Relay {
    pub(super) address: SocketAddr,
    open: watch::Sender<bool>,
}

impl Relay {
    pub(super) async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (open, watched) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(target).await.unwrap();
                tokio::spawn(pass(client, server, watched.clone()));
            }
        });
        Self { address, open }
    }

    /// What is connected now never hears anything again; new connections work.
    pub(super) fn cut(&self) {
        self.open.send_replace(false);
        self.open.send_replace(true);
    }
}

async fn pass(mut client: TcpStream, mut server: TcpStream, mut open: watch::Receiver<bool>) {
    open.mark_unchanged();
    tokio::select! {
        result = tokio::io::copy_bidirectional(&mut client, &mut server) => drop(result),
        changed = open.changed() => {
            if changed.is_ok() {
                // Both sockets stay open, with nobody reading or writing.
                std::future::pending::<()>().await;
            }
        }
    }
}
