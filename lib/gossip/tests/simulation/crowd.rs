//! A large cluster in bad weather: datagrams are lost, and at each moment some nodes stand still. Nobody is dead.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use hm_gossip::{MemberState, Statistics};
use rand::RngExt;

use crate::world::{Change, Pause, World, ms};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    pub(crate) loss: f64,
    /// Of a thousand nodes, so many are paused at each moment ...
    pub(crate) paused_per_mille: usize,
    /// ... for up to this long.
    pub(crate) longest_pause: Duration,
}

/// The weather of the promise.
pub(crate) const BAD: Weather = Weather {
    loss: 0.05,
    paused_per_mille: 10,
    longest_pause: ms(1_500),
};

/// Somebody was called down, with the last pauses of both.
#[derive(Debug)]
#[expect(dead_code, reason = "shown by Debug")]
pub(crate) struct Alarm {
    change: Change,
    accused: Vec<(Duration, Duration)>,
    accuser: Vec<(Duration, Duration)>,
}

#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) time: Duration,
    pub(crate) pauses: u64,
    /// Times that a node saw another one suspect.
    pub(crate) suspicions: u64,
    pub(crate) false_alarms: Vec<Alarm>,
    pub(crate) sent_per_second: f64,
    pub(crate) received_per_second: f64,
    pub(crate) datagrams_per_second: f64,
    /// The node that sent most.
    pub(crate) most_sent_per_second: f64,
}

/// Lets the weather last for a time.
pub(crate) fn endure(world: &mut World, nodes: usize, weather: Weather, time: Duration) -> Report {
    let mut report = Report {
        time,
        ..Report::default()
    };
    world.loss = weather.loss;
    world.changes.clear();
    let before: Vec<Statistics> = (0..nodes)
        .map(|node| world.core(node).statistics())
        .collect();
    let end = world.now + time;
    let slots = (nodes * weather.paused_per_mille).div_ceil(1_000);
    let mut wakes: BinaryHeap<Reverse<Duration>> = (0..slots).map(|_| Reverse(world.now)).collect();
    while let Some(Reverse(at)) = wakes.pop() {
        if at >= end {
            break;
        }
        world.run(at.saturating_sub(world.now));
        let pause = pause_somebody(world, nodes, weather.longest_pause);
        wakes.push(Reverse(world.now + pause));
        report.pauses += 1;
        take_changes(world, &mut report);
    }
    world.run(end - world.now);
    take_changes(world, &mut report);
    measure(world, &before, &mut report);
    report
}

fn pause_somebody(world: &mut World, nodes: usize, longest: Duration) -> Duration {
    let node = loop {
        let node = world.random().random_range(0..nodes);
        if !world.is_paused(node) {
            break node;
        }
    };
    let pause = longest.mul_f64(world.random().random_range(0.01..1.0));
    let how = if world.random().random_bool(0.5) {
        Pause::Process
    } else {
        Pause::Machine
    };
    world.pause(node, pause, how);
    pause
}

fn take_changes(world: &mut World, report: &mut Report) {
    for change in std::mem::take(&mut world.changes) {
        match change.member.state {
            MemberState::Alive | MemberState::Left => {}
            MemberState::Suspect => report.suspicions += 1,
            MemberState::Down => report.false_alarms.push(Alarm {
                accused: world.last_pauses(change.about).to_vec(),
                accuser: world.last_pauses(change.observer).to_vec(),
                change,
            }),
        }
    }
}

fn measure(world: &World, before: &[Statistics], report: &mut Report) {
    let seconds = report.time.as_secs_f64();
    let nodes = before.len() as f64;
    for (node, before) in before.iter().enumerate() {
        let after = world.core(node).statistics();
        let sent = (after.bytes_out - before.bytes_out) as f64 / seconds;
        report.most_sent_per_second = report.most_sent_per_second.max(sent);
        report.sent_per_second += sent / nodes;
        report.received_per_second += (after.bytes_in - before.bytes_in) as f64 / seconds / nodes;
        report.datagrams_per_second +=
            (after.datagrams_out - before.datagrams_out) as f64 / seconds / nodes;
    }
}
