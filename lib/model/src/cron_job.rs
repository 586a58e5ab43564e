//! Cron jobs: jobs on a schedule.

use serde::{Deserialize, Serialize};

use crate::text::words;
use crate::{CronExpression, Generation, JobSpec, ObjectKey, Span, Timestamp};

/// A cron job as the cluster knows it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CronJob {
    pub key: ObjectKey,
    #[serde(default)]
    pub generation: Generation,
    pub spec: CronJobSpec,
    /// The scheduled time of the last run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<Timestamp>,
    #[serde(default)]
    pub created_at: Timestamp,
}

/// What runs, and when.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CronJobSpec {
    /// In UTC.
    pub schedule: CronExpression,
    pub job: JobSpec,
    #[serde(default)]
    pub overlap: Overlap,
    /// How late a missed run may still start.
    #[serde(default = "five_minutes")]
    pub start_within: Span,
    #[serde(default)]
    pub suspended: bool,
}

words! {
    /// What happens when a run is due while the one before still runs.
    #[derive(Default, Hash)]
    pub enum Overlap("an answer to overlapping runs") {
        /// The new one is skipped.
        #[default]
        Skip = "skip" | "forbid",
        Allow = "allow",
        /// The old one is stopped.
        Replace = "replace",
    }
}

const fn five_minutes() -> Span {
    Span::from_secs(300)
}
