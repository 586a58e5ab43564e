//! The core of a server: proposing changes, wherever the leader is, and knowing what the leader knows.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hm_model::{Node, NodeId, RequestId, Timestamp};
use hm_ports::{Clock, Peer, Random, Transport};
use hm_protocol::encode;
use hm_protocol::server::{PROPOSE, Proposal};
use hm_raft::{ProposeError as RaftError, Raft, Running};
use hm_state::{Done, Envelope, FORMAT, Reply};
use tokio::time::Instant;

use crate::error::ProposeError;
use crate::sightings::Sightings;
use crate::store::Store;
use crate::touch::Touch;

/// How long a change may take to be agreed on before the caller is told that there is no quorum.
pub const PROPOSE_TIMEOUT: Duration = Duration::from_secs(10);
/// Between two tries when nothing wakes us: a leader that is known but does not answer.
const RETRY_PAUSE: Duration = Duration::from_millis(50);
/// One forwarded try; shorter than the whole, so that a dead leader is given up in time.
const FORWARD_TIMEOUT: Duration = Duration::from_secs(2);

/// What the world provides to a server.
#[derive(Clone)]
pub struct World {
    pub transport: Arc<dyn Transport>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

pub struct Core {
    pub(crate) id: NodeId,
    pub(crate) store: Arc<Store>,
    pub(crate) raft: Raft,
    pub(crate) world: World,
    pub(crate) sightings: Sightings,
    pub(crate) touch: Touch,
}

impl Core {
    pub fn new(id: NodeId, store: Arc<Store>, raft: Raft, world: World) -> Arc<Self> {
        Arc::new(Self {
            id,
            store,
            raft,
            world,
            sightings: Sightings::default(),
            touch: Touch::default(),
        })
    }

    pub fn id(&self) -> NodeId {
        self.id
    }

    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    pub fn raft(&self) -> &Raft {
        &self.raft
    }

    pub fn sightings(&self) -> &Sightings {
        &self.sightings
    }

    pub fn clock(&self) -> &dyn Clock {
        self.world.clock.as_ref()
    }

    pub fn random(&self) -> &dyn Random {
        self.world.random.as_ref()
    }

    /// The wall clock, but never before the last entry.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.world.clock.now_micros()).max(self.store.state().time())
    }

    /// An id for a request whose sender gave none.
    pub fn new_request(&self) -> RequestId {
        RequestId::from_u128(
            u128::from(self.world.random.next_u64()) << 64
                | u128::from(self.world.random.next_u64()),
        )
    }

    /// Agrees on a change and answers when this server has applied it too. Safe over a change of leaders: the request's id
    /// makes a retry find its first answer. A proposal without an id must be safe to do twice.
    pub async fn propose(&self, proposal: Proposal) -> Result<Done, ProposeError> {
        let deadline = Instant::now() + PROPOSE_TIMEOUT;
        match tokio::time::timeout_at(deadline, self.propose_until_done(&proposal)).await {
            Ok(result) => result,
            Err(_) => Err(self.no_quorum()),
        }
    }

    async fn propose_until_done(&self, proposal: &Proposal) -> Result<Done, ProposeError> {
        let mut status = self.raft.status();
        loop {
            let leader = status.borrow_and_update().leader;
            let trying = async {
                match leader {
                    Some(leader) if leader == self.id => self.propose_as_leader(proposal).await,
                    Some(leader) => self.forward(leader, proposal).await,
                    None => Err(Try::Again),
                }
            };
            // A leader that lost its power does not even refuse: the next one is asked as soon as it is known.
            let tried = tokio::select! {
                biased;
                tried = trying => tried,
                stands = self.other_leader(leader) => match stands {
                    Stands::Elsewhere => continue,
                    Stands::Nowhere => return Err(self.stopped()),
                },
            };
            match tried {
                Ok(done) => {
                    self.store.reached(done.revision).await;
                    return Ok(done);
                }
                Err(Try::Never(error)) => return Err(error),
                Err(Try::Again) => {
                    // Woken by a change of leaders; the pause covers a leader that is unchanged but did not answer.
                    let woken = tokio::time::timeout(RETRY_PAUSE, status.changed()).await;
                    if let Ok(Err(_)) = woken {
                        return Err(self.stopped());
                    }
                }
            }
        }
    }

    /// Waits for a leader other than `leader`, or for the end of this server's part in the agreement.
    async fn other_leader(&self, leader: Option<NodeId>) -> Stands {
        let mut status = self.raft.status();
        let elsewhere = status
            .wait_for(|now| now.leader.is_some() && now.leader != leader)
            .await
            .is_ok();
        if elsewhere {
            Stands::Elsewhere
        } else {
            Stands::Nowhere
        }
    }

    fn stopped(&self) -> ProposeError {
        let reason = match &self.raft.status().borrow().running {
            Running::Failed { reason } => reason.clone(),
            Running::Yes | Running::Stopped => "it was told to".to_owned(),
        };
        ProposeError::Stopped { reason }
    }

    /// Proposes on this node only. Used for what just arrived from a follower: it does the retrying.
    async fn propose_as_leader(&self, proposal: &Proposal) -> Result<Done, Try> {
        let state = self.store.state();
        let (needed, level) = (proposal.entry.level(), state.feature_level());
        if state.cluster().is_some() && needed > level {
            return Err(Try::Never(ProposeError::FeatureLevel { needed, level }));
        }
        let envelope = Envelope {
            format: FORMAT,
            request: proposal.request,
            actor: proposal.actor.clone(),
            via: proposal.via,
            time: self.now(),
            expected_generation: proposal.expected_generation,
            entry: proposal.entry.clone(),
        };
        match self.raft.propose(Bytes::from(envelope.to_bytes())).await {
            Ok(applied) => read_reply(&applied.reply),
            Err(RaftError::Stopped { reason }) => Err(Try::Never(ProposeError::Stopped { reason })),
            Err(RaftError::TooLarge { size, limit }) => {
                Err(Try::Never(ProposeError::TooLarge { size, limit }))
            }
            Err(
                RaftError::NotLeader { .. }
                | RaftError::NoQuorum
                | RaftError::Timeout { .. }
                | RaftError::LeadershipLost { .. },
            ) => Err(Try::Again),
        }
    }

    async fn forward(&self, leader: NodeId, proposal: &Proposal) -> Result<Done, Try> {
        let Some(peer) = self.peer(leader) else {
            return Err(Try::Again);
        };
        let call = self
            .world
            .transport
            .call(peer, PROPOSE, Bytes::from(encode(proposal)));
        match tokio::time::timeout(FORWARD_TIMEOUT, call).await {
            Ok(Ok(reply)) => read_reply(&reply),
            Ok(Err(_)) | Err(_) => Err(Try::Again),
        }
    }

    /// A proposal that another server forwarded: answered only by the leader.
    pub(crate) async fn propose_forwarded(&self, proposal: &Proposal) -> Result<Reply, NotLeading> {
        match self.propose_as_leader(proposal).await {
            Ok(done) => Ok(Reply::Done(done)),
            Err(Try::Never(ProposeError::Refused(refused))) => Ok(Reply::Refused(refused)),
            Err(Try::Never(error)) => Err(NotLeading {
                reason: error.to_string(),
            }),
            Err(Try::Again) => Err(NotLeading {
                reason: "this server does not lead, or lost its quorum".to_owned(),
            }),
        }
    }

    pub(crate) fn peer(&self, id: NodeId) -> Option<Peer> {
        self.store.state().nodes().value(&id).map(peer_of)
    }

    pub(crate) fn no_quorum(&self) -> ProposeError {
        let status = self.raft.status().borrow().clone();
        let state = self.store.state();
        let alive = self.sightings.reachable();
        let missing = status
            .voters
            .iter()
            .filter(|id| **id != self.id && !alive.contains(id))
            .map(|id| {
                state
                    .nodes()
                    .value(id)
                    .map_or_else(|| id.to_string(), |node| node.name.to_string())
            })
            .collect();
        ProposeError::NoQuorum {
            voters: status.voters.len(),
            missing,
        }
    }

    /// Whether this server leads with a quorum, or reached the leader just now.
    pub(crate) fn is_in_touch(&self) -> bool {
        self.touch.is_fresh()
    }

    /// How fresh what this server reads is: the leader confirmed its quorum within this call.
    pub async fn confirm(&self) -> Result<(), ProposeError> {
        self.raft
            .confirm_leadership()
            .await
            .map(|_| ())
            .map_err(|_| self.no_quorum())
    }
}

/// Where a node can be called.
pub fn peer_of(node: &Node) -> Peer {
    Peer {
        id: node.id,
        addresses: node
            .addresses
            .iter()
            .map(|ip| (*ip, node.api_port).into())
            .collect(),
    }
}

/// What became of the leader while it was asked.
enum Stands {
    Elsewhere,
    Nowhere,
}

/// Why one try gave no answer.
enum Try {
    Again,
    Never(ProposeError),
}

#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct NotLeading {
    reason: String,
}

fn read_reply(bytes: &[u8]) -> Result<Done, Try> {
    match Reply::from_bytes(bytes) {
        Ok(reply) => reply
            .into_result()
            .map_err(|refused| Try::Never(ProposeError::Refused(refused))),
        Err(error) => Err(Try::Never(ProposeError::Unreadable {
            reason: error.to_string(),
        })),
    }
}
