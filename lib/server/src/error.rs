//! Why a change did not happen.

use hm_model::FeatureLevel;
use hm_state::Refused;

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ProposeError {
    /// Agreed on, and refused for a reason of its own. Nothing changed.
    #[error(transparent)]
    Refused(Refused),
    /// Whether the change will still happen is not known: repeat it with the same request id to learn.
    #[error("{}", no_quorum(*.voters, .missing))]
    NoQuorum { voters: usize, missing: Vec<String> },
    #[error(
        "this needs feature level {needed}, the oldest node has {level}: upgrade all nodes first"
    )]
    FeatureLevel {
        needed: FeatureLevel,
        level: FeatureLevel,
    },
    #[error("this server has stopped: {reason}")]
    Stopped { reason: String },
    #[error("the change takes {size} bytes, at most {limit} are allowed")]
    TooLarge { size: usize, limit: usize },
    #[error("the leader's answer cannot be read: {reason}")]
    Unreadable { reason: String },
}

fn no_quorum(voters: usize, missing: &[String]) -> String {
    let needed = voters / 2 + 1;
    if missing.is_empty() {
        format!("no quorum: the {voters} servers have not agreed on a leader ({needed} are needed)")
    } else {
        format!(
            "no quorum: {needed} of {voters} servers are needed, {} cannot be reached",
            missing.join(", ")
        )
    }
}
