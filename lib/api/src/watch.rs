//! Watching: one line of JSON for each change, from a revision on.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::Problem;

/// One line of the stream. `revision` is where to resume once the line has been read.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum WatchLine {
    /// The object is now this. A watch that starts without a revision begins with one such line for each object there is.
    Put {
        revision: u64,
        kind: Kind,
        key: String,
        /// The same object that the kind's list shows.
        #[schema(value_type = Object)]
        object: Value,
    },
    /// The object is gone; of a setting: its default holds again.
    Delete {
        revision: u64,
        kind: Kind,
        key: String,
    },
    /// Everything up to this revision has been told: the list is complete, or nothing has happened for a while.
    Bookmark { revision: u64 },
    /// The stream ends here. After `compacted` list anew, after anything else resume from the last revision.
    Error { problem: Problem },
}

/// What can be watched.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Node,
    Setting,
    Token,
    Namespace,
    Event,
}

impl Kind {
    pub const ALL: [Self; 5] = [
        Self::Node,
        Self::Setting,
        Self::Token,
        Self::Namespace,
        Self::Event,
    ];
}

/// The query of a watch.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct WatchQuery {
    /// Empty: all kinds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
    /// The last revision already known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
}
