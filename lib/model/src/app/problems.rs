//! What is wrong with an app before it is deployed.

use crate::spec_problem::{check_number, check_time};
use crate::{Amount, AppSpec, Mode, Name, Port, Span, SpecProblem, UpdateOrder, container};

/// `all.web` and `vip.web` are answers about the app `web`.
const RESERVED: [&str; 2] = ["all", "vip"];
const REPLICAS: (i64, i64) = (0, 10_000);
const PRIORITY: (i64, i64) = (-1000, 1000);
const HOUR: Span = Span::from_secs(3600);

/// Every reason to refuse this app.
pub(super) fn problems(name: &Name, spec: &AppSpec) -> Vec<SpecProblem> {
    let mut problems = container::problems(&spec.containers);
    if RESERVED.contains(&name.as_str()) {
        problems.insert(0, SpecProblem::ReservedName { name: name.clone() });
    }
    check_number("replicas", spec.replicas, REPLICAS, &mut problems);
    check_number("priority", spec.priority, PRIORITY, &mut problems);
    check_time(
        "stop_grace",
        spec.stop_grace,
        (Span::ZERO, HOUR),
        &mut problems,
    );
    check_time(
        "update.pause",
        spec.update.pause,
        (Span::ZERO, HOUR),
        &mut problems,
    );
    check_time(
        "update.drain",
        spec.update.drain,
        (Span::ZERO, HOUR),
        &mut problems,
    );
    let day = Span::from_secs(24 * 3600);
    check_time(
        "update.ready_timeout",
        spec.update.ready_timeout,
        (Span::from_secs(1), day),
        &mut problems,
    );
    problems.extend(
        contradictions(spec).map(|(field, reason)| SpecProblem::Contradiction { field, reason }),
    );
    ports(&spec.ports, &mut problems);
    problems
}

fn contradictions(spec: &AppSpec) -> impl Iterator<Item = (&'static str, &'static str)> {
    let no_room = spec.update.max_unavailable.is_zero() && spec.update.max_surge.is_zero();
    let rolling = spec.update.order == UpdateOrder::Rolling && !spec.exclusive;
    let everything = spec
        .placement
        .affinity
        .iter()
        .chain(&spec.placement.anti_affinity);
    let everything = everything
        .filter(|affinity| affinity.selector.is_everything())
        .count()
        > 0;
    let found = [
        (
            spec.mode == Mode::PerNode && spec.replicas != 1,
            "replicas",
            "a per-node app has one on every node",
        ),
        (
            no_room && rolling,
            "update",
            "max_unavailable and max_surge are both 0, so no replica could ever be replaced",
        ),
        (
            everything,
            "placement",
            "an affinity has an empty selector; name the labels of the apps it is about",
        ),
    ];
    found
        .into_iter()
        .filter(|(wrong, ..)| *wrong)
        .map(|(_, field, reason)| (field, reason))
}

fn ports(ports: &[Port], problems: &mut Vec<SpecProblem>) {
    for (i, second) in ports.iter().enumerate() {
        for first in &ports[..i] {
            if first == second {
                problems.push(SpecProblem::DuplicatePort { port: *second });
            } else if collide(first, second) {
                problems.push(SpecProblem::SamePublishedPort {
                    first: *first,
                    second: *second,
                });
            }
        }
    }
}

/// Whether both want the same port of the node. No address means all of them.
fn collide(first: &Port, second: &Port) -> bool {
    let (Some(one), Some(other)) = (first.publish, second.publish) else {
        return false;
    };
    let same = match (one.address, other.address) {
        (Some(one), Some(other)) => one == other || one.is_unspecified() || other.is_unspecified(),
        (None, _) | (_, None) => true,
    };
    same && first.protocol == second.protocol && one.host == other.host
}

/// How many replicas an update may be short of and have in excess: never both zero, and no excess for an exclusive app.
pub(super) fn update_room(spec: &AppSpec, replicas: u32) -> (u32, u32) {
    let surge = if spec.exclusive {
        Amount::Count(0)
    } else {
        spec.update.max_surge
    };
    let (unavailable, surge) = (
        spec.update.max_unavailable.of(replicas),
        surge.of_rounded_up(replicas),
    );
    if unavailable == 0 && surge == 0 {
        (1, 0)
    } else {
        (unavailable, surge)
    }
}
