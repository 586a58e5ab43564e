//! One agent and a played server.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt;
use hm_model::FeatureLevel;
use hm_ports::{BoxFuture, CallError, Method};
use tokio::sync::mpsc;

use super::*;

/// Takes every link; the test plays the server at its end.
struct Door(mpsc::UnboundedSender<(Hello, Link)>);

impl Transport for Door {
    fn call(&self, to: Peer, _: Method, _: Bytes) -> BoxFuture<Result<Bytes, CallError>> {
        let reason = "agents only open links".to_owned();
        async move {
            Err(CallError::Unreachable {
                node: to.id,
                reason,
            })
        }
        .boxed()
    }

    fn link(&self, _: Peer, _: Method, hello: Bytes) -> BoxFuture<Result<Link, CallError>> {
        let (here_out, there_in) = mpsc::channel(8);
        let (there_out, here_in) = mpsc::channel(8);
        let there = Link {
            outgoing: there_out,
            incoming: there_in,
        };
        let hello = decode(&hello).expect("an agent's hello can be read");
        self.0.send((hello, there)).expect("the test listens");
        async move {
            Ok(Link {
                outgoing: here_out,
                incoming: here_in,
            })
        }
        .boxed()
    }
}

#[derive(Default)]
struct Record {
    kept: Mutex<Option<Bytes>>,
    full: AtomicBool,
}

impl Keep for Record {
    fn load(&self) -> BoxFuture<io::Result<Option<Bytes>>> {
        let kept = self.kept.lock().unwrap().clone();
        async move { Ok(kept) }.boxed()
    }

    fn save(&self, record: Bytes) -> BoxFuture<io::Result<()>> {
        let saved = if self.full.load(Ordering::Relaxed) {
            Err(io::ErrorKind::StorageFull.into())
        } else {
            *self.kept.lock().unwrap() = Some(record);
            Ok(())
        };
        async move { saved }.boxed()
    }
}

struct Always;

impl Random for Always {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

struct Stage {
    agent: Arc<Agent>,
    keep: Arc<Record>,
    links: mpsc::UnboundedReceiver<(Hello, Link)>,
}

async fn stage() -> Stage {
    let (arrivals, links) = mpsc::unbounded_channel();
    let keep = Arc::new(Record::default());
    let server = |id| Peer {
        id: NodeId::from_u64(id),
        addresses: Vec::new(),
    };
    let agent = Agent::open(Options {
        report: NodeReport {
            node: NodeId::from_u64(9),
            addresses: Vec::new(),
            api_port: 3000,
            gossip_port: 7946,
            version: "0.1.0".to_owned(),
            feature_level: FeatureLevel::new(1),
        },
        first_servers: vec![server(1), server(2)],
        transport: Arc::new(Door(arrivals)),
        random: Arc::new(Always),
        keep: keep.clone(),
    })
    .await
    .unwrap();
    Stage { agent, keep, links }
}

async fn list(link: &Link, revision: u64) {
    let list = Down::List {
        revision,
        objects: Vec::new(),
    };
    link.outgoing.send(encode(&list).into()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_behind_is_left_and_nothing_is_forgotten() {
    let mut stage = stage().await;
    let agent = stage.agent.clone();
    let running = tokio::spawn(async move { agent.run().await });
    let mut view = stage.agent.view();

    let (hello, first) = stage.links.recv().await.unwrap();
    assert_eq!(hello.revision, None);
    list(&first, 20).await;
    view.wait_for(|view| view.revision == 20).await.unwrap();
    drop(first);

    let (hello, mut behind) = stage.links.recv().await.unwrap();
    assert_eq!(hello.revision, Some(20));
    list(&behind, 19).await;
    while behind.incoming.recv().await.is_some() {}
    assert_eq!(view.borrow().revision, 20);

    let (hello, _current) = stage.links.recv().await.unwrap();
    assert_eq!(hello.revision, Some(20));
    running.abort();
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_cannot_keep_what_it_learns_ends_and_shows_nothing() {
    let mut stage = stage().await;
    stage.keep.full.store(true, Ordering::Relaxed);
    let agent = stage.agent.clone();
    let running = tokio::spawn(async move { agent.run().await });
    let (_, link) = stage.links.recv().await.unwrap();
    list(&link, 20).await;
    let error = running.await.unwrap();
    assert!(matches!(error, KeepError::Save(_)), "{error}");
    assert_eq!(stage.agent.view().borrow().revision, 0);
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_given_up() {
    let mut stage = stage().await;
    let agent = stage.agent.clone();
    let running = tokio::spawn(async move { agent.run().await });
    let began = Instant::now();
    let (_, silent) = stage.links.recv().await.unwrap();
    let (_, _next) = stage.links.recv().await.unwrap();
    assert!(began.elapsed() > SILENCE && began.elapsed() < SILENCE * 2);
    drop(silent);
    running.abort();
}
