//! The task around the core: one socket, one timer, a few commands.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hm_ports::{Datagrams, Random};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::core::{Core, Output};
use crate::members::Members;
use crate::options::{Options, OptionsError};
use crate::seal::KeyRing;
use crate::statistics::Statistics;

/// Datagrams taken in a row before the timer gets its turn: a flood must not stop it.
const BATCH: usize = 1_024;
const COMMANDS: usize = 16;
/// After the socket failed, look again this much later.
const SOCKET_PAUSE: Duration = Duration::from_millis(200);

/// A running gossip task. It ends when the last clone is dropped, or after [`Gossip::leave`].
#[derive(Clone, Debug)]
pub struct Gossip {
    commands: mpsc::Sender<Command>,
    members: watch::Receiver<Arc<Members>>,
    statistics: Arc<Mutex<Statistics>>,
    started: Instant,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("gossip has stopped: this node has left")]
pub struct GossipStopped;

#[derive(Debug)]
enum Command {
    Announce(Vec<SocketAddr>),
    SetKeys(KeyRing),
    Leave,
}

impl Gossip {
    /// Starts the task on the current runtime. It knows nobody until something is announced or somebody joins.
    pub fn start(
        options: Options,
        datagrams: Arc<dyn Datagrams>,
        random: &dyn Random,
    ) -> Result<Self, OptionsError> {
        let mut seed = [0; 32];
        random.fill(&mut seed);
        let core = Core::new(options, seed, Duration::ZERO)?;
        let (commands, orders) = mpsc::channel(COMMANDS);
        let (publish, members) = watch::channel(Arc::new(core.members().clone()));
        let statistics = Arc::new(Mutex::new(Statistics::default()));
        let started = Instant::now();
        let task = Task {
            core,
            datagrams,
            started,
            publish,
            statistics: Arc::clone(&statistics),
        };
        hm_ports::task::spawn(task.run(orders));
        Ok(Self {
            commands,
            members,
            statistics,
            started,
        })
    }

    /// The list of members, now and whenever it changes.
    pub fn members(&self) -> watch::Receiver<Arc<Members>> {
        self.members.clone()
    }

    /// When `Member::since` was.
    pub fn instant(&self, since: Duration) -> Instant {
        self.started + since
    }

    /// Joins whoever listens there, and keeps trying until a member lives there. Safe to repeat.
    pub async fn announce(&self, addresses: Vec<SocketAddr>) -> Result<(), GossipStopped> {
        self.tell(Command::Announce(addresses)).await
    }

    /// See [`KeyRing`] for how to change keys on a running cluster.
    pub async fn set_keys(&self, keys: KeyRing) -> Result<(), GossipStopped> {
        self.tell(Command::SetKeys(keys)).await
    }

    /// Says goodbye, and returns when that is done (or had been): the others then see `Left`, not `Down`.
    pub async fn leave(&self) {
        if self.tell(Command::Leave).await.is_ok() {
            self.commands.closed().await;
        }
    }

    pub fn statistics(&self) -> Statistics {
        *self
            .statistics
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn tell(&self, command: Command) -> Result<(), GossipStopped> {
        self.commands.send(command).await.map_err(|_| GossipStopped)
    }
}

struct Task {
    core: Core,
    datagrams: Arc<dyn Datagrams>,
    started: Instant,
    publish: watch::Sender<Arc<Members>>,
    statistics: Arc<Mutex<Statistics>>,
}

impl Task {
    async fn run(mut self, mut orders: mpsc::Receiver<Command>) {
        let mut incoming = self.datagrams.receive();
        let mut leaving = false;
        loop {
            self.flush();
            let deadline = self.core.poll_timeout().map(|at| self.started + at);
            if leaving && deadline.is_none() {
                return;
            }
            tokio::select! {
                biased;
                order = orders.recv(), if !leaving => match order {
                    Some(Command::Announce(addresses)) => self.announce(&addresses),
                    Some(Command::SetKeys(keys)) => self.core.set_keys(keys),
                    Some(Command::Leave) => {
                        let now = self.now();
                        self.core.leave(now);
                        leaving = true;
                    }
                    None => return,
                },
                received = &mut incoming => {
                    incoming = self.datagrams.receive();
                    match received {
                        Ok((_, datagram)) => self.take(&datagram),
                        Err(error) => {
                            tracing::warn!(%error, "cannot receive gossip");
                            let datagrams = Arc::clone(&self.datagrams);
                            incoming = Box::pin(async move {
                                tokio::time::sleep(SOCKET_PAUSE).await;
                                datagrams.receive().await
                            });
                        }
                    }
                }
                () = sleep_until(deadline) => {}
            }
            self.catch_up();
        }
    }

    /// First what has arrived, then the timer: after a pause the answers lie in the socket, and nobody is to be accused
    /// for our own sleep.
    fn catch_up(&mut self) {
        for _ in 0..BATCH {
            let Some((_, datagram)) = self.datagrams.try_receive() else {
                break;
            };
            self.take(&datagram);
        }
        let now = self.now();
        if self.core.poll_timeout().is_some_and(|at| at <= now) {
            self.core.handle_timeout(now);
        }
    }

    fn take(&mut self, datagram: &[u8]) {
        let now = self.now();
        self.core.handle_datagram(datagram, now);
    }

    fn announce(&mut self, addresses: &[SocketAddr]) {
        let now = self.now();
        for address in addresses {
            self.core.announce(*address, now);
        }
    }

    /// Sends what is to be sent, and shows what has changed.
    fn flush(&mut self) {
        let mut changed = false;
        while let Some(output) = self.core.poll_output() {
            match output {
                Output::Send { to, datagram } => {
                    // The network may lose it anyway; all that matters is repeated.
                    if let Err(error) = self.datagrams.try_send(to, &datagram) {
                        tracing::trace!(%to, %error, "gossip datagram not sent");
                    }
                }
                Output::MemberChanged(member) => {
                    tracing::debug!(
                        node = %member.node,
                        address = %member.address,
                        generation = member.generation,
                        state = ?member.state,
                        "member changed"
                    );
                    changed = true;
                }
                Output::MemberForgotten(node) => {
                    tracing::debug!(%node, "member forgotten");
                    changed = true;
                }
            }
        }
        if changed {
            self.publish
                .send_replace(Arc::new(self.core.members().clone()));
        }
        *self
            .statistics
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = self.core.statistics();
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
