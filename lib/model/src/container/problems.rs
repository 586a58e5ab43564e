//! What is wrong with the containers of an app or a job.

use std::collections::BTreeSet;

use crate::{
    Bytes, Check, Container, ContainerKind, Cpu, Mount, MountSource, Name, Probe, Resources, Span,
    SpecProblem, Value,
};

const MOST_CONTAINERS: usize = 16;
/// The kernel's smallest quota: a millisecond of every hundred.
const LEAST_CPU: Cpu = Cpu::from_millis(10);
/// Less does not even hold the runtime's own start.
const LEAST_MEMORY: Bytes = Bytes::from_u64(6 << 20);
/// Specs are kept in the replicated state, which is no place for data.
const MOST_TEXT: Bytes = Bytes::from_u64(256 << 10);
const PERIOD: (Span, Span) = (Span::from_millis(100), Span::from_secs(3600));
const DELAY: (Span, Span) = (Span::ZERO, Span::from_secs(24 * 3600));
const MOST_IN_A_ROW: u32 = 1000;

/// Every problem of the containers of one replica.
pub(crate) fn problems(containers: &[Container]) -> Vec<SpecProblem> {
    let mut problems = Vec::new();
    if containers.is_empty() {
        problems.push(SpecProblem::NoContainer);
    }
    if containers.len() > MOST_CONTAINERS {
        problems.push(SpecProblem::TooManyContainers {
            count: containers.len(),
            max: MOST_CONTAINERS,
        });
    }
    let mut names = BTreeSet::new();
    for container in containers {
        if !names.insert(&container.name) {
            problems.push(SpecProblem::DuplicateContainer {
                container: container.name.clone(),
            });
        }
        of_one(container, &mut problems);
    }
    let size = Bytes::from_u64(
        containers
            .iter()
            .flat_map(literals)
            .map(|(_, text)| text.len() as u64)
            .sum(),
    );
    if size > MOST_TEXT {
        problems.push(SpecProblem::TooMuchText {
            size,
            max: MOST_TEXT,
        });
    }
    problems
}

fn of_one(container: &Container, problems: &mut Vec<SpecProblem>) {
    let name = &container.name;
    match container.kind {
        ContainerKind::Main => {}
        ContainerKind::Init => problems.push(SpecProblem::NotBuilt {
            field: format!("container {name}: kind"),
            what: "init containers",
            instead: "leave it out",
        }),
    }
    resources(name, container.resources, problems);
    for (what, text) in literals(container) {
        if text.contains('\0') {
            problems.push(SpecProblem::ZeroByte {
                container: name.clone(),
                what,
            });
        }
    }
    targets(container, problems);
    secrets(container, problems);
    for (probe_name, probe) in container.probes.named() {
        self::probe(name, probe_name, probe, problems);
    }
}

/// Every text that the spec itself carries, with its place. File contents are bytes and may hold anything.
fn literals(container: &Container) -> impl Iterator<Item = (String, &str)> {
    let command = container
        .command
        .iter()
        .map(|text| ("command".to_owned(), text.as_str()));
    let args = container
        .args
        .iter()
        .map(|text| ("args".to_owned(), text.as_str()));
    let environment = container
        .environment
        .iter()
        .map(|(name, value)| (format!("environment.{name}"), value));
    let files = container
        .files
        .iter()
        .map(|(path, value)| (format!("files.{path}"), value));
    let values = environment
        .chain(files)
        .filter_map(|(place, value)| match value {
            Value::Literal(text) => Some((place, text.as_str())),
            Value::Config { .. } | Value::Secret { .. } => None,
        });
    command.chain(args).chain(values)
}

fn resources(container: &Name, resources: Resources, problems: &mut Vec<SpecProblem>) {
    let container = container.clone();
    if let Some(limit) = resources.cpu_limit {
        let (container, request) = (container.clone(), resources.cpu);
        if limit < LEAST_CPU {
            problems.push(SpecProblem::CpuLimitTooSmall {
                container,
                limit,
                least: LEAST_CPU,
            });
        } else if request > limit {
            problems.push(SpecProblem::CpuOverLimit {
                container,
                request,
                limit,
            });
        }
    }
    if let Some(limit) = resources.memory_limit {
        let (container, request) = (container.clone(), resources.memory);
        if limit < LEAST_MEMORY {
            problems.push(SpecProblem::MemoryLimitTooSmall {
                container,
                limit,
                least: LEAST_MEMORY,
            });
        } else if request > limit {
            problems.push(SpecProblem::MemoryOverLimit {
                container,
                request,
                limit,
            });
        }
    }
    if resources.storage.is_some() {
        problems.push(SpecProblem::NotBuilt {
            field: format!("container {container}: resources.storage"),
            what: "storage requests",
            instead: "leave it out",
        });
    }
}

fn targets(container: &Container, problems: &mut Vec<SpecProblem>) {
    let mut seen = BTreeSet::new();
    for target in container
        .files
        .keys()
        .chain(container.mounts.iter().map(|mount| &mount.target))
    {
        if !seen.insert(target) {
            let (container, target) = (container.name.clone(), target.clone());
            problems.push(SpecProblem::DuplicateTarget { container, target });
        }
    }
}

fn secrets(container: &Container, problems: &mut Vec<SpecProblem>) {
    let is_secret = |value: &Value| matches!(value, Value::Secret { .. });
    let environment = container
        .environment
        .iter()
        .filter(|(_, value)| is_secret(value));
    let environment = environment.map(|(name, _)| format!("environment.{name}"));
    let files = container
        .files
        .iter()
        .filter(|(_, value)| is_secret(value))
        .map(|(path, _)| format!("files.{path}"));
    let mounts = container
        .mounts
        .iter()
        .filter(|Mount { source, .. }| matches!(source, MountSource::Secret(_)));
    let mounts = mounts.map(|mount| format!("mount {mount}"));
    problems.extend(
        environment
            .chain(files)
            .chain(mounts)
            .map(|place| SpecProblem::NotBuilt {
                field: format!("container {}: {place}", container.name),
                what: "secret references",
                instead: "use a config set or a literal for what is not secret",
            }),
    );
}

fn probe(container: &Name, name: &'static str, probe: &Probe, problems: &mut Vec<SpecProblem>) {
    let times = [
        ("delay", probe.delay, DELAY),
        ("period", probe.period, PERIOD),
        ("timeout", probe.timeout, PERIOD),
    ];
    for (field, value, (min, max)) in times {
        if value < min || value > max {
            let container = container.clone();
            problems.push(SpecProblem::ProbeTime {
                container,
                probe: name,
                field,
                value,
                min,
                max,
            });
        }
    }
    // Only readiness can come back: a container that is not alive is restarted, one that has started stays started.
    let most_successes = if name == "ready" { MOST_IN_A_ROW } else { 1 };
    let thresholds = [
        ("success_threshold", probe.success_threshold, most_successes),
        ("failure_threshold", probe.failure_threshold, MOST_IN_A_ROW),
    ];
    for (field, value, max) in thresholds {
        if value < 1 || value > max {
            let container = container.clone();
            problems.push(SpecProblem::ProbeThreshold {
                container,
                probe: name,
                field,
                value,
                min: 1,
                max,
            });
        }
    }
    let rule = match &probe.check {
        Check::Http { port: 0, .. } | Check::Tcp { port: 0 } => {
            Some("asks port 0, which does not exist")
        }
        Check::Http { path, .. } if !path.starts_with('/') => {
            Some("has a path that does not start with `/`")
        }
        Check::Http { path, .. } if path.chars().any(|c| c.is_control() || c.is_whitespace()) => {
            Some("has a path with blanks in it; write %20")
        }
        Check::Exec { command } if command.is_empty() => Some("has no command"),
        Check::Http { .. } | Check::Tcp { .. } | Check::Exec { .. } => None,
    };
    problems.extend(rule.map(|rule| SpecProblem::Probe {
        container: container.clone(),
        probe: name,
        rule,
    }));
}
