//! Datagrams: lost, doubled, late, in any order.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::FutureExt;
use hm_model::NodeId;
use hm_ports::{BoxFuture, Datagrams};
use tokio::sync::Notify;
use tokio::time::sleep;

use super::Network;

/// One bound datagram socket.
pub(super) struct Socket {
    pub(super) network: Network,
    pub(super) node: NodeId,
    pub(super) address: SocketAddr,
    pub(super) inbox: Arc<Inbox>,
}

impl Datagrams for Socket {
    fn try_send(&self, to: SocketAddr, datagram: &[u8]) -> io::Result<()> {
        self.network.note_message(self.node, None, datagram.len());
        let weather = self.network.weather();
        let chance = &self.network.0.chance;
        let copies = if chance.per_mille(weather.doubled) {
            2
        } else {
            1
        };
        for _ in 0..copies {
            if chance.per_mille(weather.lost) {
                continue;
            }
            let (network, from, sender) = (self.network.clone(), self.node, self.address);
            let (delay, datagram) = (network.delay(), Bytes::copy_from_slice(datagram));
            tokio::spawn(async move {
                sleep(delay).await;
                network.deliver(from, sender, to, datagram);
            });
        }
        Ok(())
    }

    fn receive(&self) -> BoxFuture<io::Result<(SocketAddr, Bytes)>> {
        let inbox = self.inbox.clone();
        async move {
            loop {
                match inbox.pop() {
                    Some(received) => return Ok(received),
                    None => inbox.arrived.notified().await,
                }
            }
        }
        .boxed()
    }

    fn try_receive(&self) -> Option<(SocketAddr, Bytes)> {
        self.inbox.pop()
    }
}

impl Network {
    fn deliver(&self, from: NodeId, sender: SocketAddr, to: SocketAddr, datagram: Bytes) {
        self.state(|state| {
            let Some((node, listener)) = state
                .nodes
                .iter()
                .find(|(_, listener)| listener.address == to)
            else {
                return;
            };
            if !state.cut.contains(&(from, *node)) && !listener.scope.is_dead() {
                listener.inbox.push((sender, datagram));
                *state.received.entry(*node).or_default() += 1;
            }
        });
    }
}

/// What lies in a socket until it is read.
#[derive(Default)]
pub(super) struct Inbox {
    datagrams: Mutex<VecDeque<(SocketAddr, Bytes)>>,
    arrived: Notify,
}

/// A full inbox loses datagrams, as a socket's buffer does.
const INBOX: usize = 1024;

impl Inbox {
    fn push(&self, received: (SocketAddr, Bytes)) {
        let mut datagrams = self
            .datagrams
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if datagrams.len() < INBOX {
            datagrams.push_back(received);
            self.arrived.notify_one();
        }
    }

    fn pop(&self) -> Option<(SocketAddr, Bytes)> {
        self.datagrams
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    }
}
