//! Changing who votes: newcomers listen until they have caught up, then the voters are swapped, and nobody stays behind.

use std::collections::{BTreeMap, BTreeSet};

use hm_model::NodeId;
use openraft::{ChangeMembers, EmptyNode};

use super::{ChangeError, Raft};

/// A newcomer that is at most this many entries behind gets the rest as a voter.
const NEARLY_THERE: u64 = 64;

impl Raft {
    /// Makes exactly these nodes the voters. On the leader only; safe to repeat, also after a leader change in the middle.
    /// A leader that is not among them hands over and leaves.
    pub async fn change_voters(&self, wanted: BTreeSet<NodeId>) -> Result<(), ChangeError> {
        self.check_leadership()?;
        if wanted.is_empty() {
            return Err(ChangeError::NoVoters);
        }
        let wanted: BTreeSet<u64> = wanted.into_iter().map(NodeId::as_u64).collect();
        if self.is_exactly(&wanted) {
            return Ok(());
        }
        let (voters, _) = self.members();
        let newcomers: BTreeSet<u64> = wanted.difference(&voters).copied().collect();
        self.change(ChangeMembers::AddNodes(nodes(&newcomers)))
            .await?;
        if let Err(error) = self.caught_up(&newcomers).await {
            self.drop_learners().await?;
            return Err(error);
        }
        self.change(ChangeMembers::ReplaceAllVoters(wanted.clone()))
            .await?;
        self.drop_learners().await?;
        if !wanted.contains(&self.0.id.as_u64()) {
            self.hand_over().await;
            // It may be a voter again one day.
            self.stay();
        }
        Ok(())
    }

    /// Whether these are the voters, no change is half done, and nobody only listens.
    fn is_exactly(&self, wanted: &BTreeSet<u64>) -> bool {
        let metrics = self.0.inner.server_metrics();
        let metrics = metrics.borrow();
        let membership = metrics.membership_config.membership();
        membership.get_joint_config() == std::slice::from_ref(wanted)
            && membership.learner_ids().next().is_none()
    }

    /// Voters and learners now.
    fn members(&self) -> (BTreeSet<u64>, BTreeSet<u64>) {
        let metrics = self.0.inner.server_metrics();
        let metrics = metrics.borrow();
        let membership = metrics.membership_config.membership();
        (
            membership.voter_ids().collect(),
            membership.learner_ids().collect(),
        )
    }

    async fn drop_learners(&self) -> Result<(), ChangeError> {
        let (_, learners) = self.members();
        self.change(ChangeMembers::RemoveNodes(learners)).await
    }

    async fn change(&self, change: ChangeMembers<u64, EmptyNode>) -> Result<(), ChangeError> {
        match &change {
            ChangeMembers::AddNodes(nodes) if nodes.is_empty() => return Ok(()),
            ChangeMembers::RemoveNodes(nodes) if nodes.is_empty() => return Ok(()),
            ChangeMembers::AddVoterIds(_)
            | ChangeMembers::AddVoters(_)
            | ChangeMembers::RemoveVoters(_)
            | ChangeMembers::ReplaceAllVoters(_)
            | ChangeMembers::AddNodes(_)
            | ChangeMembers::SetNodes(_)
            | ChangeMembers::RemoveNodes(_)
            | ChangeMembers::ReplaceAllNodes(_) => {}
        }
        let limit = self.0.timings.propose;
        let changed =
            tokio::time::timeout(limit, self.0.inner.change_membership(change, false)).await;
        changed.map_err(|_| super::ProposeError::Timeout { limit })??;
        Ok(())
    }

    /// Waits until the newcomers have nearly all entries.
    async fn caught_up(&self, newcomers: &BTreeSet<u64>) -> Result<(), ChangeError> {
        let mut metrics = self.0.inner.data_metrics();
        let mut late = newcomers.clone();
        let limit = self.0.timings.catch_up;
        let waiting = async {
            loop {
                {
                    let metrics = metrics.borrow_and_update();
                    let Some(replication) = &metrics.replication else {
                        return;
                    };
                    let last = metrics.last_log.map_or(0, |last| last.index);
                    let matched =
                        |node: &u64| replication.get(node).copied().flatten().map(|id| id.index);
                    late.retain(|node| {
                        matched(node).is_none_or(|index| index + NEARLY_THERE < last)
                    });
                }
                if late.is_empty() || metrics.changed().await.is_err() {
                    return;
                }
            }
        };
        let in_time = tokio::time::timeout(limit, waiting).await.is_ok();
        self.check_leadership()?;
        if in_time {
            return Ok(());
        }
        let late = late.into_iter().map(NodeId::from_u64).collect();
        Err(ChangeError::TooSlow { late, limit })
    }
}

fn nodes(ids: &BTreeSet<u64>) -> BTreeMap<u64, EmptyNode> {
    ids.iter().map(|id| (*id, EmptyNode::new())).collect()
}
