//! Jobs: containers that run to completion.

use serde::{Deserialize, Serialize};

use crate::spec_problem::{check_number, check_time};
use crate::text::words;
use crate::{
    Actor, Container, Generation, Labels, ObjectKey, Placement, Span, SpecProblem, Timestamp,
    container,
};

/// A job as the cluster knows it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Job {
    pub key: ObjectKey,
    #[serde(default)]
    pub generation: Generation,
    pub spec: JobSpec,
    #[serde(default)]
    pub status: JobStatus,
    #[serde(default)]
    pub created_at: Timestamp,
    #[serde(default)]
    pub created_by: Actor,
}

/// What a job runs, and how often until it is done.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct JobSpec {
    pub containers: Vec<Container>,
    /// Runs that must succeed.
    #[serde(default = "one")]
    pub completions: u32,
    /// Runs at a time.
    #[serde(default = "one")]
    pub parallelism: u32,
    /// Failed runs after which the job has failed.
    #[serde(default = "three")]
    pub retries: u32,
    /// How long the whole job may take; no bound if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Span>,
    /// How long a finished job is kept.
    #[serde(default = "one_day")]
    pub keep: Span,
    #[serde(default)]
    pub labels: Labels,
    #[serde(default)]
    pub placement: Placement,
    #[serde(default)]
    pub priority: i32,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct JobStatus {
    pub phase: JobPhase,
    pub running: u32,
    pub succeeded: u32,
    pub failed: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

words! {
    /// Where a job is in its life.
    #[derive(Default, Hash)]
    pub enum JobPhase("a phase of a job") {
        #[default]
        Running = "running",
        Succeeded = "succeeded",
        Failed = "failed",
        /// Ended by someone before it was done.
        Stopped = "stopped",
    }
}

const fn one() -> u32 {
    1
}

const fn three() -> u32 {
    3
}

const fn one_day() -> Span {
    Span::from_secs(24 * 60 * 60)
}

impl JobSpec {
    pub fn new(container: Container) -> Self {
        Self {
            containers: vec![container],
            completions: one(),
            parallelism: one(),
            retries: three(),
            deadline: None,
            keep: one_day(),
            labels: Labels::new(),
            placement: Placement::default(),
            priority: 0,
        }
    }

    /// Every reason to refuse it.
    pub fn problems(&self) -> Vec<SpecProblem> {
        let mut problems = container::problems(&self.containers);
        check_number("completions", self.completions, (1, 100_000), &mut problems);
        check_number("parallelism", self.parallelism, (1, 10_000), &mut problems);
        check_number("retries", self.retries, (0, 1000), &mut problems);
        if let Some(deadline) = self.deadline {
            check_time(
                "deadline",
                deadline,
                (Span::from_secs(1), Span::from_secs(365 * 86_400)),
                &mut problems,
            );
        }
        problems
    }
}
