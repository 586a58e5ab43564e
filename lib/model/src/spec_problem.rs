//! What can be wrong with a spec whose parts are all well-formed.

use crate::{AbsolutePath, Bytes, Cpu, Name, Port, Span};

/// A reason to refuse a spec, for the one who wrote it: what, where, and what would be right.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SpecProblem {
    #[error("`{name}` cannot be an app's name: `{name}.web` has a meaning of its own in DNS")]
    ReservedName { name: Name },
    #[error("there is no container; at least one is needed")]
    NoContainer,
    #[error("there are {count} containers; at most {max} share a replica")]
    TooManyContainers { count: usize, max: usize },
    #[error("two containers are called `{container}`")]
    DuplicateContainer { container: Name },
    #[error("container {container}: cpu {request} is more than its cpu_limit {limit}")]
    CpuOverLimit {
        container: Name,
        request: Cpu,
        limit: Cpu,
    },
    #[error(
        "container {container}: cpu_limit {limit} is too small to run anything; the least is {least}"
    )]
    CpuLimitTooSmall {
        container: Name,
        limit: Cpu,
        least: Cpu,
    },
    #[error("container {container}: memory {request} is more than its memory_limit {limit}")]
    MemoryOverLimit {
        container: Name,
        request: Bytes,
        limit: Bytes,
    },
    #[error(
        "container {container}: memory_limit {limit} is too small to start anything; the least is {least}"
    )]
    MemoryLimitTooSmall {
        container: Name,
        limit: Bytes,
        least: Bytes,
    },
    #[error("container {container}: {what} holds a zero byte, which no program can be given")]
    ZeroByte { container: Name, what: String },
    #[error("container {container}: two mounts or files are at {target}")]
    DuplicateTarget {
        container: Name,
        target: AbsolutePath,
    },
    #[error(
        "container {container}: the {probe} probe's {field} is {value}; it must be between {min} and {max}"
    )]
    ProbeTime {
        container: Name,
        probe: &'static str,
        field: &'static str,
        value: Span,
        min: Span,
        max: Span,
    },
    #[error(
        "container {container}: the {probe} probe's {field} is {value}; it must be between {min} and {max}"
    )]
    ProbeThreshold {
        container: Name,
        probe: &'static str,
        field: &'static str,
        value: u32,
        min: u32,
        max: u32,
    },
    #[error("container {container}: the {probe} probe {rule}")]
    Probe {
        container: Name,
        probe: &'static str,
        rule: &'static str,
    },
    #[error("port {port} is listed twice")]
    DuplicatePort { port: Port },
    #[error("ports {first} and {second} are published as the same port of the node")]
    SamePublishedPort { first: Port, second: Port },
    #[error("{field} is {value}; it must be between {min} and {max}")]
    Number {
        field: &'static str,
        value: i64,
        min: i64,
        max: i64,
    },
    #[error("{field} is {value}; it must be between {min} and {max}")]
    Time {
        field: &'static str,
        value: Span,
        min: Span,
        max: Span,
    },
    #[error("{field} makes no sense: {reason}")]
    Contradiction {
        field: &'static str,
        reason: &'static str,
    },
    #[error(
        "texts of environment and files are {size} together; at most {max} fit, use volumes for more"
    )]
    TooMuchText { size: Bytes, max: Bytes },
    #[error("{field}: {what} are not built yet; {instead}")]
    NotBuilt {
        field: String,
        what: &'static str,
        instead: &'static str,
    },
}

/// Refuses a time outside of its bounds.
pub(crate) fn check_time(
    field: &'static str,
    value: Span,
    (min, max): (Span, Span),
    problems: &mut Vec<SpecProblem>,
) {
    if value < min || value > max {
        problems.push(SpecProblem::Time {
            field,
            value,
            min,
            max,
        });
    }
}

/// Refuses a number outside of its bounds.
pub(crate) fn check_number(
    field: &'static str,
    value: impl Into<i64>,
    (min, max): (i64, i64),
    problems: &mut Vec<SpecProblem>,
) {
    let value = value.into();
    if value < min || value > max {
        problems.push(SpecProblem::Number {
            field,
            value,
            min,
            max,
        });
    }
}
