//! Links: two queues of frames, carried over the network until an end is dropped or dead.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hm_model::NodeId;
use hm_ports::Link;
use hm_ports::task::Scope;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Network;

const QUEUE: usize = 64;
/// How soon the living end of a connection learns that the other process is gone.
pub(super) const DEATH_SHOWS_AFTER: Duration = Duration::from_millis(50);
/// How soon that a machine is gone: nothing but its silence tells.
const SILENCE_SHOWS_AFTER: Duration = Duration::from_secs(5);

impl Network {
    /// Two ends of a connection, each with a pump that carries frames over the network until an end is dropped or dead.
    pub(super) fn connect(
        &self,
        a: NodeId,
        a_scope: &Arc<Scope>,
        b: NodeId,
        b_scope: &Arc<Scope>,
    ) -> (Link, Link) {
        let (a_out, from_a) = mpsc::channel(QUEUE);
        let (to_a, a_in) = mpsc::channel(QUEUE);
        let (b_out, from_b) = mpsc::channel(QUEUE);
        let (to_b, b_in) = mpsc::channel(QUEUE);
        let scopes = [a_scope.clone(), b_scope.clone()];
        tokio::spawn(pump(self.clone(), (a, b), from_a, to_b, scopes.clone()));
        tokio::spawn(pump(self.clone(), (b, a), from_b, to_a, scopes));
        (
            Link {
                outgoing: a_out,
                incoming: a_in,
            },
            Link {
                outgoing: b_out,
                incoming: b_in,
            },
        )
    }
}

async fn pump(
    network: Network,
    (from, to): (NodeId, NodeId),
    mut frames: mpsc::Receiver<Bytes>,
    into: mpsc::Sender<Bytes>,
    scopes: [Arc<Scope>; 2],
) {
    let mut dead_since = None;
    loop {
        let next = tokio::time::timeout(DEATH_SHOWS_AFTER, frames.recv());
        tokio::select! {
            biased;
            () = into.closed() => return,
            next = next => match next {
                Ok(Some(frame)) => {
                    network.cross(from, to, frame.len()).await;
                    if into.send(frame).await.is_err() {
                        return;
                    }
                }
                Ok(None) => return,
                Err(_) if scopes.iter().any(|scope| scope.is_dead()) && !network.is_cut(from, to) => {
                    let since: Instant = *dead_since.get_or_insert_with(Instant::now);
                    let silent = network.is_silent(from) || network.is_silent(to);
                    if !silent || since.elapsed() > SILENCE_SHOWS_AFTER {
                        return;
                    }
                }
                Err(_) => {}
            }
        }
    }
}
