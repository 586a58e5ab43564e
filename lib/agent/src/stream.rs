//! The agent's end of its stream: finds a server, beats, follows the state, goes on with what it has while there is none.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hm_model::NodeId;
use hm_ports::{Link, Peer, Random, Transport};
use hm_protocol::agent::{Down, Hello, PROTOCOL, STREAM, Up};
use hm_protocol::{decode, encode};
use hm_state::NodeReport;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::keep::{Keep, KeepError, from_record, to_record};
use crate::view::View;

/// How often an agent beats.
const BEAT: Duration = Duration::from_millis(500);
/// Every beat is acknowledged: after this long without a word the server is given up.
const SILENCE: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Between tries, growing; the random part keeps a whole cluster from coming back at the same moment.
const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_MOST: Duration = Duration::from_secs(2);

pub struct Options {
    pub report: NodeReport,
    /// Servers known from elsewhere: from joining, or because this node is one.
    pub first_servers: Vec<Peer>,
    pub transport: Arc<dyn Transport>,
    pub random: Arc<dyn Random>,
    pub keep: Arc<dyn Keep>,
}

/// The running agent of this node.
pub struct Agent {
    options: Options,
    view: watch::Sender<Arc<View>>,
    connected: watch::Sender<Option<NodeId>>,
}

impl Agent {
    /// Reads what this node kept; a node that never saw a server has an empty view.
    pub async fn open(options: Options) -> Result<Arc<Self>, KeepError> {
        let kept = options.keep.load().await.map_err(KeepError::Io)?;
        let view = kept
            .map(|record| from_record(&record))
            .transpose()?
            .unwrap_or_default();
        let (view, connected) = (watch::Sender::new(Arc::new(view)), watch::Sender::new(None));
        Ok(Arc::new(Self {
            options,
            view,
            connected,
        }))
    }

    /// What this node knows of the cluster, now and from now on.
    pub fn view(&self) -> watch::Receiver<Arc<View>> {
        self.view.subscribe()
    }

    /// The server this agent talks to, if any.
    pub fn connected(&self) -> watch::Receiver<Option<NodeId>> {
        self.connected.subscribe()
    }

    /// Keeps the stream up for as long as it is polled. Comes back only when what it learns cannot be kept: to act on what is
    /// forgotten at the next start could take back what others rely on.
    pub async fn run(&self) -> KeepError {
        let mut pause = RETRY_FIRST;
        let mut turn = 0usize;
        loop {
            let servers = self.servers();
            if let Some(server) = servers.get(turn % servers.len().max(1)) {
                let connected_for = match self.follow(server.clone()).await {
                    Ok(connected_for) => connected_for,
                    Err(error) => return error,
                };
                self.connected.send_replace(None);
                if connected_for > SILENCE {
                    pause = RETRY_FIRST;
                }
            }
            turn = turn.wrapping_add(1);
            tokio::time::sleep(self.scatter(pause)).await;
            // A whole round of servers is tried quickly before the pauses grow.
            if turn.is_multiple_of(servers.len().max(1)) {
                pause = (pause * 2).min(RETRY_MOST);
            }
        }
    }

    /// This node itself if it is a server, then the others.
    fn servers(&self) -> Vec<Peer> {
        let view = self.view.borrow().clone();
        let mut servers = view.server_peers();
        for first in &self.options.first_servers {
            if !servers.iter().any(|known| known.id == first.id) {
                servers.push(first.clone());
            }
        }
        let me = self.options.report.node;
        // Neighbouring nodes should not all choose the same server.
        servers.sort_by_key(|peer| {
            if peer.id == me {
                0
            } else {
                peer.id.as_u64() ^ me.as_u64()
            }
        });
        servers
    }

    fn scatter(&self, pause: Duration) -> Duration {
        pause / 2 + pause.mul_f64((self.options.random.next_u64() % 1000) as f64 / 1000.0)
    }

    /// Follows one server until the stream ends. Answers how long it held.
    async fn follow(&self, server: Peer) -> Result<Duration, KeepError> {
        let began = Instant::now();
        let revision = Some(self.view.borrow().revision).filter(|revision| *revision > 0);
        let report = self.options.report.clone();
        let hello = Hello {
            protocol: PROTOCOL,
            node: report.node,
            revision,
            report,
        };
        let linking =
            self.options
                .transport
                .link(server.clone(), STREAM, Bytes::from(encode(&hello)));
        match tokio::time::timeout(CONNECT_TIMEOUT, linking).await {
            Ok(Ok(link)) => {
                self.connected.send_replace(Some(server.id));
                let reason = self.converse(link).await?;
                tracing::info!(server = %server.id, reason, "the stream to the server ended");
                Ok(began.elapsed())
            }
            Ok(Err(error)) => {
                tracing::debug!(server = %server.id, %error, "no stream to this server");
                Ok(Duration::ZERO)
            }
            Err(_) => Ok(Duration::ZERO),
        }
    }

    async fn converse(&self, mut link: Link) -> Result<&'static str, KeepError> {
        let mut beats = tokio::time::interval(BEAT);
        beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                biased;
                message = link.incoming.recv() => {
                    let Some(message) = message else { return Ok("the server closed it") };
                    heard = Instant::now();
                    match decode::<Down>(&message) {
                        Ok(Down::List { revision, .. } | Down::Changes { revision, .. })
                            if revision < self.view.borrow().revision =>
                        {
                            return Ok("the server is behind what this node knows");
                        }
                        Ok(down) => self.take(down).await?,
                        Err(error) => {
                            tracing::warn!(%error, "a message of the server");
                            return Ok("the server sent something else");
                        }
                    }
                }
                _ = beats.tick() => {
                    if heard.elapsed() > SILENCE {
                        return Ok("the server is silent");
                    }
                    let applied_revision = self.view.borrow().revision;
                    // A full queue: the server does not read. Its silence is judged above.
                    let _ = link.outgoing.try_send(Bytes::from(encode(&Up::Beat { applied_revision })));
                }
            }
        }
    }

    async fn take(&self, down: Down) -> Result<(), KeepError> {
        match down {
            Down::List { revision, objects } => {
                self.update(|view| view.replace(revision, objects)).await
            }
            Down::Changes { revision, objects } => {
                self.update(|view| view.change(revision, objects)).await
            }
            Down::Heard => Ok(()),
        }
    }

    /// Kept first, then shown: what the node acts on is what it will know after a restart.
    async fn update(&self, change: impl FnOnce(&mut View)) -> Result<(), KeepError> {
        let mut view = self.view.borrow().as_ref().clone();
        change(&mut view);
        self.options
            .keep
            .save(to_record(&view))
            .await
            .map_err(KeepError::Save)?;
        self.view.send_replace(Arc::new(view));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
