//! How an app goes from one revision to the next.

use serde::{Deserialize, Serialize};

use crate::text::words;
use crate::{Amount, Span};

/// The pace of an update and what happens when it fails.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct UpdateStrategy {
    pub order: UpdateOrder,
    /// Replicas that may be missing during the update.
    pub max_unavailable: Amount,
    /// Replicas that may be there in excess during the update.
    pub max_surge: Amount,
    /// Rest between two steps.
    pub pause: Span,
    /// How long a new replica may take to become ready before the update has failed.
    pub ready_timeout: Span,
    /// How long a replica that is leaving still serves, without new traffic.
    pub drain: Span,
    pub on_failure: OnUpdateFailure,
}

words! {
    /// Which goes first, the old or the new.
    #[derive(Default, Hash)]
    pub enum UpdateOrder("an order of update") {
        /// A few at a time, within `max_unavailable` and `max_surge`.
        #[default]
        Rolling = "rolling",
        /// All the old ones end before a new one starts.
        Recreate = "recreate",
    }
}

words! {
    /// What happens when an update fails.
    #[derive(Default, Hash)]
    pub enum OnUpdateFailure("an answer to a failed update") {
        #[default]
        Rollback = "rollback",
        /// Leave everything as it is for someone to look at.
        Pause = "pause",
    }
}

impl Default for UpdateStrategy {
    fn default() -> Self {
        Self {
            order: UpdateOrder::default(),
            max_unavailable: Amount::Count(0),
            max_surge: Amount::Count(1),
            pause: Span::ZERO,
            ready_timeout: Span::from_secs(120),
            drain: Span::from_secs(5),
            on_failure: OnUpdateFailure::default(),
        }
    }
}
