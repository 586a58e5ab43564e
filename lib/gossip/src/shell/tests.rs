//! The task on a paused clock, over queues instead of sockets; and once over real ones.

use std::collections::BTreeMap;
use std::io;

use bytes::Bytes;
use hm_model::NodeId;
use hm_ports::BoxFuture;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::*;
use crate::members::MemberState;
use crate::udp::UdpDatagrams;

type Arrived = (SocketAddr, Bytes);

/// Every address and who listens there.
#[derive(Debug, Default)]
struct Air {
    listeners: Mutex<BTreeMap<SocketAddr, UnboundedSender<Arrived>>>,
}

#[derive(Debug)]
struct Endpoint {
    air: Arc<Air>,
    own: SocketAddr,
    arrived: Arc<tokio::sync::Mutex<UnboundedReceiver<Arrived>>>,
}

impl Endpoint {
    fn new(air: &Arc<Air>, own: SocketAddr) -> Arc<Self> {
        let (send, arrived) = unbounded_channel();
        air.listeners.lock().unwrap().insert(own, send);
        Arc::new(Self {
            air: Arc::clone(air),
            own,
            arrived: Arc::new(tokio::sync::Mutex::new(arrived)),
        })
    }
}

impl Datagrams for Endpoint {
    fn try_send(&self, to: SocketAddr, datagram: &[u8]) -> io::Result<()> {
        if let Some(listener) = self.air.listeners.lock().unwrap().get(&to) {
            let _ = listener.send((self.own, Bytes::copy_from_slice(datagram)));
        }
        Ok(())
    }

    fn receive(&self) -> BoxFuture<io::Result<Arrived>> {
        let arrived = Arc::clone(&self.arrived);
        Box::pin(async move {
            let next = arrived.lock().await.recv().await;
            next.ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected))
        })
    }

    fn try_receive(&self) -> Option<Arrived> {
        self.arrived.try_lock().ok()?.try_recv().ok()
    }
}

struct Fixed(u8);

impl Random for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0);
    }
}

fn address(node: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, node], 7946))
}

fn options(node: u8, address: SocketAddr) -> Options {
    let keys = KeyRing::new([1; 32], []);
    Options::new(NodeId::from_u64(node.into()), 1, address, keys)
}

fn start(air: &Arc<Air>, node: u8) -> Gossip {
    let datagrams = Endpoint::new(air, address(node));
    Gossip::start(options(node, address(node)), datagrams, &Fixed(node)).unwrap()
}

async fn sees(gossip: &Gossip, node: u8, state: MemberState) {
    let mut members = gossip.members();
    let node = NodeId::from_u64(node.into());
    let seen = members.wait_for(|members| {
        members
            .get(node)
            .is_some_and(|member| member.state == state)
    });
    tokio::time::timeout(Duration::from_secs(5), seen)
        .await
        .expect("in time")
        .expect("still running");
}

#[tokio::test(start_paused = true)]
async fn three_meet_one_leaves_one_dies() {
    let air = Arc::default();
    let [a, b, c] = [1, 2, 3].map(|node| start(&air, node));
    b.announce(vec![address(1)]).await.unwrap();
    c.announce(vec![address(1)]).await.unwrap();
    for (gossip, others) in [(&a, [2, 3]), (&b, [1, 3]), (&c, [1, 2])] {
        for other in others {
            sees(gossip, other, MemberState::Alive).await;
        }
    }

    c.leave().await;
    assert_eq!(c.announce(Vec::new()).await, Err(GossipStopped));
    sees(&a, 3, MemberState::Left).await;
    sees(&b, 3, MemberState::Left).await;

    // Dropping the last handle ends the task without a word.
    let died = Instant::now();
    drop(b);
    sees(&a, 2, MemberState::Suspect).await;
    sees(&a, 2, MemberState::Down).await;
    assert!(died.elapsed() <= Duration::from_secs(3));
    let members = a.members().borrow().clone();
    let since = members.get(NodeId::from_u64(2)).unwrap().since;
    assert_eq!(a.instant(since), Instant::now());
    assert!(a.statistics().datagrams_out > 0 && a.statistics().datagrams_in > 0);
}

#[tokio::test(start_paused = true)]
async fn an_idle_node_does_not_wake() {
    let air = Arc::default();
    let gossip = start(&air, 1);
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert_eq!(gossip.statistics(), Statistics::default());
}

#[tokio::test(start_paused = true)]
async fn keys_change_while_it_runs() {
    let air = Arc::default();
    let [a, b] = [1, 2].map(|node| start(&air, node));
    b.announce(vec![address(1)]).await.unwrap();
    sees(&a, 2, MemberState::Alive).await;
    a.set_keys(KeyRing::new([2; 32], [])).await.unwrap();
    sees(&b, 1, MemberState::Down).await;
    assert!(b.statistics().dropped.key > 0);
}

/// A socket that is gone is no reason to spin.
#[tokio::test(start_paused = true)]
async fn a_broken_socket_is_looked_at_again() {
    let air: Arc<Air> = Arc::default();
    let endpoint = Endpoint::new(&air, address(1));
    air.listeners.lock().unwrap().clear();
    let gossip = Gossip::start(options(1, address(1)), endpoint, &Fixed(1)).unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    gossip.announce(vec![address(2)]).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(gossip.statistics().datagrams_out > 0);
}

#[tokio::test]
async fn over_real_sockets() {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut nodes = Vec::new();
    for node in 1..=2 {
        let socket = UdpDatagrams::bind(any).await.unwrap();
        let own = socket.local_address().unwrap();
        let gossip = Gossip::start(options(node, own), Arc::new(socket), &Fixed(node)).unwrap();
        nodes.push((own, gossip));
    }
    let [(first, a), (_, b)] = nodes.as_slice() else {
        panic!("two nodes");
    };
    b.announce(vec![*first]).await.unwrap();
    sees(a, 2, MemberState::Alive).await;
    sees(b, 1, MemberState::Alive).await;
    b.leave().await;
    sees(a, 2, MemberState::Left).await;
}
