//! The leader's work: run the controllers when something changed, see that the chosen servers vote; and what other servers owe it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hm_protocol::encode;
use hm_protocol::server::{Heard, HeardAgent, Proposal, SIGHTINGS};
use hm_state::Entry;
use tokio::time::Instant;

use crate::core::Core;
use crate::error::ProposeError;

/// How often a server passes on which agents it hears; as often as agents beat.
const PASS_ON_EVERY: Duration = Duration::from_millis(500);
/// After a change of voters failed, or a plan could not be agreed on.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// A new leader that was not confirmed by a majority asks again this soon.
const CONFIRM_AGAIN_AFTER: Duration = Duration::from_millis(100);
/// An agent that was not heard for this long is not worth passing on.
const STALE: Duration = Duration::from_secs(5);

impl Core {
    /// Works for the cluster as long as this server runs: as leader or for the leader.
    pub async fn work(self: Arc<Self>) {
        let mut status = self.raft.status();
        loop {
            let leader = status.borrow_and_update().leader;
            let role = async {
                match leader {
                    Some(leader) if leader == self.id => self.lead().await,
                    Some(_) => self.pass_on_sightings().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                changed = status.wait_for(|now| now.leader != leader) => if changed.is_err() { return },
                () = role => {}
            }
        }
    }

    async fn lead(&self) {
        tracing::info!(term = self.raft.status().borrow().term, "this server leads");
        // A new leader may not have applied all that was agreed on before: to decide on an older state could take back who
        // was chosen to vote since.
        while let Err(error) = self.raft.confirm_leadership().await {
            tracing::debug!(%error, "leadership is not confirmed yet");
            tokio::time::sleep(CONFIRM_AGAIN_AFTER).await;
        }
        // Side by side: a new voter that is slow to come must not keep the leader from noticing a dead node.
        tokio::join!(
            self.run_controllers(),
            self.keep_voters(),
            self.keep_touch()
        );
    }

    /// A leader is in touch while a majority answers it.
    async fn keep_touch(&self) {
        let mut ticks = tokio::time::interval(PASS_ON_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if self.raft.has_quorum() {
                self.touch.renew();
            }
        }
    }

    async fn run_controllers(&self) {
        let since = Instant::now();
        let mut revisions = self.store.revisions();
        let mut news = self.sightings.news();
        loop {
            revisions.mark_unchanged();
            news.mark_unchanged();
            let wake_at = self.plan_once(since).await;
            tokio::select! {
                biased;
                _ = revisions.changed() => {}
                _ = news.changed() => {}
                () = sleep_until(wake_at) => {}
            }
        }
    }

    /// One round: plan and agree. Answers when to look again at the latest.
    async fn plan_once(&self, since: Instant) -> Option<Instant> {
        let now = self.now();
        let state = self.store.state();
        state.cluster()?;
        let plan = hm_control::plan(&state, &self.sightings.observed(self.id, since, now), now);
        let mut wake_at = plan
            .wake_at
            .map(|at| Instant::now() + at.since(now).as_duration() + Duration::from_millis(1));
        for entry in plan.entries {
            if let Err(error) = self.propose(Proposal::system("controllers", entry)).await {
                tracing::warn!(%error, "a plan could not be agreed on");
                wake_at = Some(Instant::now() + TRY_AGAIN_AFTER);
            }
        }
        wake_at
    }

    /// Makes raft's voters those that the state wants, and writes down that it is done.
    async fn keep_voters(&self) {
        let mut revisions = self.store.revisions();
        loop {
            revisions.mark_unchanged();
            let again = match self.adjust_voters().await {
                Ok(()) => None,
                Err(error) => {
                    tracing::warn!(%error, "the voters could not be changed yet");
                    Some(Instant::now() + TRY_AGAIN_AFTER)
                }
            };
            tokio::select! {
                biased;
                _ = revisions.changed() => {}
                () = sleep_until(again) => {}
            }
        }
    }

    async fn adjust_voters(&self) -> Result<(), AdjustError> {
        let servers = self.store.state().servers().clone();
        if servers.wanted.is_empty() {
            return Ok(());
        }
        if self.raft.status().borrow().voters != servers.wanted {
            self.raft
                .change_voters(servers.wanted.clone())
                .await
                .map_err(AdjustError::Voters)?;
        }
        if servers.voters != servers.wanted {
            self.propose(Proposal::system(
                "servers",
                Entry::NoteVoters(servers.wanted),
            ))
            .await
            .map_err(AdjustError::Note)?;
        }
        Ok(())
    }

    /// A follower tells the leader which agents it hears, and thereby knows that it reaches the leader.
    async fn pass_on_sightings(&self) {
        let mut ticks = tokio::time::interval(PASS_ON_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let agents: Vec<HeardAgent> = self
                .sightings
                .heard_here()
                .into_iter()
                .map(|(node, at, applied_revision)| (node, at.elapsed(), applied_revision))
                .filter(|(_, age, _)| *age < STALE)
                .map(|(node, age, applied_revision)| HeardAgent {
                    node,
                    millis_ago: u64::try_from(age.as_millis()).unwrap_or(u64::MAX),
                    applied_revision,
                })
                .collect();
            let leader = self
                .raft
                .status()
                .borrow()
                .leader
                .and_then(|leader| self.peer(leader));
            let Some(leader) = leader else {
                continue;
            };
            let call = self.world.transport.call(
                leader,
                SIGHTINGS,
                Bytes::from(encode(&Heard { agents })),
            );
            // Lost is lost: the next one comes in half a second.
            if let Ok(Ok(_)) = tokio::time::timeout(PASS_ON_EVERY, call).await {
                self.touch.renew();
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum AdjustError {
    #[error("{0}")]
    Voters(hm_raft::ChangeError),
    #[error("written down: {0}")]
    Note(ProposeError),
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
