//! Being a server, or not: raft and the core start when the cluster chose this node and end when it let it go.

use std::io;
use std::sync::Arc;

use hm_agent::View;
use hm_model::NodeId;
use hm_ports::Transport;
use hm_ports::task::inherit;
use hm_protocol::server::Proposal;
use hm_raft::{InitializeError, OpenError, Raft, StoreError, Timings};
use hm_server::{Core, ProposeError, Store, StoreMachine};
use hm_state::{CreateCluster, Entry};
use tokio::sync::watch;
use tokio::task::JoinHandle;

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
    #[error("cannot remove the log of a server that was let go")]
    Remove(#[source] io::Error),
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
    /// Starts serving if this node did before it stopped, or founds the cluster.
    pub(crate) async fn begin(&self, found: Option<&CreateCluster>) -> Result<(), RoleError> {
        let has_log = self.world.log.exists().map_err(RoleError::Look)?;
        if !has_log && found.is_none() {
            return Ok(());
        }
        let serving = self.start().await?;
        if let Some(create) = found {
            self.found(&serving, create).await?;
        }
        self.serving.send_replace(Some(serving));
        Ok(())
    }

    /// Safe to repeat after a crash at any point: what is there already is left alone.
    async fn found(&self, serving: &Serving, create: &CreateCluster) -> Result<(), RoleError> {
        match serving.raft.initialize().await {
            Ok(()) | Err(InitializeError::AlreadyInitialized) => {}
            Err(error) => return Err(RoleError::Found(error)),
        }
        let entry = Entry::CreateCluster(Box::new(create.clone()));
        match serving
            .core
            .propose(Proposal::system("founder", entry))
            .await
        {
            Ok(_) | Err(ProposeError::Refused(hm_state::Refused::ClusterExists)) => Ok(()),
            Err(reason) => Err(RoleError::FirstEntry { reason }),
        }
    }

    /// Follows the cluster's choice for as long as it is polled. Comes back only with what this node cannot go on with.
    pub(crate) async fn keep(&self, mut view: watch::Receiver<Arc<View>>) -> RoleError {
        let mut work: Option<JoinHandle<()>> = None;
        loop {
            let serving = self.serving.borrow().clone();
            if let Some(serving) = &serving {
                work.get_or_insert_with(|| hm_ports::task::spawn(serving.core.clone().work()));
            }
            tokio::select! {
                biased;
                reason = failure(serving.as_ref()) => return RoleError::Failed { reason },
                changed = view.changed() => if changed.is_err() { std::future::pending::<()>().await },
            }
            let servers = view.borrow_and_update().servers.clone();
            let result = match (&serving, servers.listens(self.me)) {
                (None, true) => self.join_servers(servers.voters.contains(&self.me)).await,
                (Some(serving), false) => {
                    if let Some(work) = work.take() {
                        work.abort();
                    }
                    self.leave_servers(serving).await
                }
                (None, false) | (Some(_), true) => Ok(()),
            };
            if let Err(error) = result {
                return error;
            }
        }
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

    async fn leave_servers(&self, serving: &Serving) -> Result<(), RoleError> {
        self.serving.send_replace(None);
        serving.raft.shutdown().await;
        self.world.log.remove().map_err(RoleError::Remove)?;
        tracing::info!("this node is no server any more");
        Ok(())
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

/// Waits until raft takes no part any more, and says why.
async fn failure(serving: Option<&Serving>) -> String {
    let Some(serving) = serving else {
        return std::future::pending().await;
    };
    let mut status = serving.raft.status();
    loop {
        match &status.borrow_and_update().running {
            hm_raft::Running::Yes => {}
            hm_raft::Running::Stopped => return "it was stopped".to_owned(),
            hm_raft::Running::Failed { reason } => return reason.clone(),
        }
        if status.changed().await.is_err() {
            return "its task ended".to_owned();
        }
    }
}
