//! Being a server, or not: raft and the core start when the cluster chose this node and end when it let it go.

use std::io;
use std::sync::Arc;

use hm_agent::{KeepError, View};
use hm_model::NodeId;
use hm_ports::Transport;
use hm_ports::task::inherit;
use hm_protocol::server::Proposal;
use hm_raft::{InitializeError, OpenError, Raft, Running, StoreError, Timings};
use hm_server::{Core, ProposeError, Store, StoreMachine};
use hm_state::{CreateCluster, Entry, Refused};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::addresses::Addresses;
use crate::world::World;

/// This node as a server.
#[derive(Clone)]
pub struct Serving {
    pub core: Arc<Core>,
    pub raft: Raft,
}

#[derive(Debug, thiserror::Error)]
pub enum RoleError {
    #[error("cannot look for this node's log")]
    Look(#[source] io::Error),
    #[error("cannot open this node's log")]
    Log(#[source] StoreError),
    #[error("cannot take part in the agreement")]
    Open(#[source] OpenError),
    #[error("cannot found the cluster")]
    Found(#[source] InitializeError),
    #[error("cannot write the first entry of the cluster: {reason}")]
    FirstEntry { reason: ProposeError },
    /// To vote with an empty log could undo what was agreed on with the lost one.
    #[error(
        "this node votes, but its log is gone: remove the node from the cluster and join it anew"
    )]
    LogLost,
    #[error("cannot close the log of a server that was let go")]
    Retire(#[source] StoreError),
    #[error("cannot remove the log of a server that was let go")]
    Remove(#[source] io::Error),
    #[error("cannot keep what this node knows of the cluster")]
    Keep(#[source] KeepError),
    #[error("this server takes no part in the agreement any more: {reason}")]
    Failed { reason: String },
}

pub(crate) struct RoleKeeper {
    pub(crate) me: NodeId,
    pub(crate) timings: Timings,
    pub(crate) world: World,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) addresses: Arc<Addresses>,
    pub(crate) serving: watch::Sender<Option<Serving>>,
}

impl RoleKeeper {
    /// Starts serving if this node did before it stopped, or founds the cluster. Waits for nobody: without a quorum it
    /// starts all the same.
    pub(crate) async fn begin(
        &self,
        found: Option<Box<CreateCluster>>,
        view: &View,
    ) -> Result<(), RoleError> {
        let has_log = self.world.log.exists().map_err(RoleError::Look)?;
        // Who knows a cluster does not found one: an old order to do so must not make a second one.
        let found = found.filter(|_| view.cluster.is_none());
        if !has_log && found.is_none() {
            return Ok(());
        }
        let serving = self.start().await?;
        if let Some(create) = found {
            // Safe to repeat after a crash at any point: what is there already is left alone.
            match serving.raft.initialize().await {
                Ok(()) | Err(InitializeError::AlreadyInitialized) => {}
                Err(error) => return Err(RoleError::Found(error)),
            }
            let first_entry = write_first_entry(serving.core.clone(), create);
            if has_log {
                // Others may vote by now, and they may be away.
                hm_ports::task::spawn(async move {
                    if let Err(reason) = first_entry.await {
                        tracing::warn!(%reason, "the first entry of the cluster was not written");
                    }
                });
            } else {
                first_entry
                    .await
                    .map_err(|reason| RoleError::FirstEntry { reason })?;
            }
        }
        self.serving.send_replace(Some(serving));
        Ok(())
    }

    /// Follows the cluster's choice for as long as it is polled. Comes back only with what this node cannot go on with.
    pub(crate) async fn keep(&self, mut view: watch::Receiver<Arc<View>>) -> RoleError {
        let mut work = JoinSet::new();
        let mut retired = None;
        loop {
            let known = view.borrow_and_update().clone();
            if let Err(error) = self.follow(&known, &mut work, &mut retired).await {
                return error;
            }
            let serving = self.serving.borrow().clone();
            if let Some(serving) = &serving
                && work.is_empty()
            {
                work.spawn(inherit(serving.core.clone().work()));
            }
            tokio::select! {
                biased;
                reason = failure(serving.as_ref()) => return RoleError::Failed { reason },
                changed = view.changed() => if changed.is_err() { std::future::pending::<()>().await },
            }
        }
    }

    async fn follow(
        &self,
        view: &View,
        work: &mut JoinSet<()>,
        retired: &mut Option<Retired>,
    ) -> Result<(), RoleError> {
        if view.cluster.is_none() {
            return Ok(());
        }
        let serving = self.serving.borrow().clone();
        match (serving, view.servers.listens(self.me)) {
            (None, true) => {
                *retired = None;
                self.join_servers(view.servers.voters.contains(&self.me))
                    .await?;
            }
            (Some(serving), false) => {
                work.shutdown().await;
                *retired = Some(self.retire(&serving).await?);
            }
            (None, false) | (Some(_), true) => {}
        }
        if retired.is_some_and(|retired| view.revision >= retired.held) {
            self.world.log.remove().map_err(RoleError::Remove)?;
            *retired = None;
        }
        Ok(())
    }

    async fn join_servers(&self, votes: bool) -> Result<(), RoleError> {
        if votes && !self.world.log.exists().map_err(RoleError::Look)? {
            return Err(RoleError::LogLost);
        }
        let serving = self.start().await?;
        tracing::info!("this node is a server now");
        self.serving.send_replace(Some(serving));
        Ok(())
    }

    async fn retire(&self, serving: &Serving) -> Result<Retired, RoleError> {
        self.serving.send_replace(None);
        let held = serving.raft.retire().await.map_err(RoleError::Retire)?;
        tracing::info!("this node is no server any more");
        Ok(Retired { held })
    }

    async fn start(&self) -> Result<Serving, RoleError> {
        let store = Arc::new(Store::default());
        self.addresses.also_ask(&store);
        let options = hm_raft::Options {
            id: self.me,
            timings: self.timings.clone(),
            transport: self.transport.clone(),
            addresses: self.addresses.clone(),
            disk: self.world.disk.clone(),
        };
        let storage = self.world.log.open().map_err(RoleError::Log)?;
        let machine = Box::new(StoreMachine(store.clone()));
        let raft = inherit(Raft::open(options, storage, machine))
            .await
            .map_err(RoleError::Open)?;
        let world = hm_server::World {
            transport: self.transport.clone(),
            clock: self.world.clock.clone(),
            random: self.world.random.clone(),
        };
        Ok(Serving {
            core: Core::new(self.me, store, raft.clone(), world),
            raft,
        })
    }
}

/// A log that is not used any more. It holds entries that this node's view may not have reached: had it been chosen again in
/// one of those, others would count on this log. So it stays until the view knows better.
#[derive(Clone, Copy)]
struct Retired {
    held: u64,
}

async fn write_first_entry(
    core: Arc<Core>,
    create: Box<CreateCluster>,
) -> Result<(), ProposeError> {
    let entry = Entry::CreateCluster(create);
    while core.store().state().cluster().is_none() {
        match core
            .propose(Proposal::system("founder", entry.clone()))
            .await
        {
            Ok(_) | Err(ProposeError::Refused(Refused::ClusterExists)) => return Ok(()),
            // It waited before it said so.
            Err(ProposeError::NoQuorum { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Waits until raft takes no part any more, and says why.
async fn failure(serving: Option<&Serving>) -> String {
    let Some(serving) = serving else {
        return std::future::pending().await;
    };
    let mut status = serving.raft.status();
    loop {
        let running = status.borrow_and_update().running.clone();
        match running {
            Running::Yes => {}
            // Only ever because this node told it to.
            Running::Stopped => return std::future::pending().await,
            Running::Failed { reason } => return reason,
        }
        if status.changed().await.is_err() {
            return "its task ended".to_owned();
        }
    }
}
