//! Speed and footprint, measured on real daemons and printed as a table.

mod process;
mod report;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use hm_testkit::{Cluster, Daemon, DaemonPlan, KitError, Namespace, binary};
use process::Usage;
use report::{Report, median};
use serde_json::json;

/// A daemon that has just started is still putting things in order.
const SETTLE: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    let mut report = Report::default();
    let measured = alone(&mut report)
        .and_then(|()| three(&mut report))
        .and_then(|()| sizes(&mut report));
    report.print();
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// One daemon: its start, its commands, its writes, its rest.
fn alone(report: &mut Report) -> Result<(), KitError> {
    let namespace = Namespace::new()?;
    let mut starts = Vec::new();
    let mut daemon = Daemon::start(&namespace, DaemonPlan::alone("bench"))?;
    for _ in 0..5 {
        daemon.stop()?;
        let began = Instant::now();
        daemon.spawn()?;
        daemon.until_ready(PATIENCE)?;
        starts.push(began.elapsed());
    }
    report.time(
        "one daemon: start until it answers",
        median(starts),
        "500 ms",
    );

    daemon.until_writable(PATIENCE)?;
    let command = daemon.command("hivemind-node")?.args(["ls"]);
    report.time(
        "`hivemind-node ls`, whole run",
        timed(100, || command.ok().map(drop))?,
        "5 ms",
    );
    let api = daemon.api();
    let mut value = 0;
    let write = || {
        value = (value + 1) % 100;
        api.put(
            "/api/settings/scheduler.rebalance_threshold",
            &json!({ "value": value }),
        )
        .map(drop)
    };
    report.time("a change, agreed on and synced", timed(200, write)?, "-");

    std::thread::sleep(SETTLE);
    idle(
        report,
        "one idle daemon",
        std::slice::from_ref(&daemon),
        "15 MB",
    )
}

/// Three daemons: their rest, and how long writes fail when the leader dies.
fn three(report: &mut Report) -> Result<(), KitError> {
    let mut cluster = Cluster::start(3)?;
    std::thread::sleep(SETTLE);
    idle(
        report,
        "each of three idle daemons",
        cluster.daemons(),
        "25 MB",
    )?;
    let mut gaps = Vec::new();
    for _ in 0..5 {
        let leader = cluster.leader(PATIENCE)?;
        let other = (leader + 1) % 3;
        cluster.daemon(leader).kill()?;
        let began = Instant::now();
        let api = cluster.daemon(other).api();
        let body = json!({ "value": 21 });
        while !api
            .call(
                "PUT",
                "/api/settings/scheduler.rebalance_threshold",
                Some(&body),
            )
            .is_ok_and(|answer| answer.is_ok())
        {}
        gaps.push(began.elapsed());
        cluster.daemon(leader).spawn()?;
        cluster.daemon(leader).until_writable(PATIENCE)?;
    }
    report.time(
        "leader killed: until a write succeeds",
        median(gaps.clone()),
        "2 s",
    );
    report.time(
        "the longest of 5",
        gaps.into_iter().max().unwrap_or_default(),
        "2 s",
    );
    Ok(())
}

fn idle(
    report: &mut Report,
    who: &str,
    daemons: &[Daemon],
    memory: &'static str,
) -> Result<(), KitError> {
    let pids: Vec<u32> = daemons.iter().filter_map(Daemon::pid).collect();
    let before: Vec<Usage> = pids
        .iter()
        .map(|pid| Usage::of(*pid))
        .collect::<Result<_, _>>()?;
    std::thread::sleep(IDLE);
    let after: Vec<Usage> = pids
        .iter()
        .map(|pid| Usage::of(*pid))
        .collect::<Result<_, _>>()?;
    let most = |figure: fn(&Usage, &Usage) -> f64| {
        before
            .iter()
            .zip(&after)
            .map(|(before, after)| figure(before, after))
            .fold(0.0, f64::max)
    };
    report.megabytes(
        &format!("{who}: memory (PSS)"),
        most(|_, after| after.pss_bytes),
        memory,
    );
    let processor = most(|before, after| {
        after
            .processor
            .saturating_sub(before.processor)
            .as_secs_f64()
    });
    report.percent(
        &format!("{who}: processor over a minute"),
        processor / IDLE.as_secs_f64() * 100.0,
        "0.2 %",
    );
    report.bytes(
        &format!("{who}: written to disk in a minute"),
        most(|before, after| after.written - before.written),
        "0 B",
    );
    Ok(())
}

fn sizes(report: &mut Report) -> Result<(), KitError> {
    let programs = [
        "hivemind",
        "hivemind-node",
        "hivemind-cluster",
        "hivemind-admin",
        "hivemind-health",
        "hivemind-daemon",
    ];
    for program in programs {
        let path = binary(program)?;
        let size = std::fs::metadata(&path)
            .map_err(KitError::file("look at", path))?
            .len();
        let target = if program == "hivemind-daemon" {
            "-"
        } else {
            "1.5 MB (dist)"
        };
        report.megabytes(&format!("size of {program}"), size as f64, target);
    }
    Ok(())
}

fn timed(
    times: usize,
    mut work: impl FnMut() -> Result<(), KitError>,
) -> Result<Duration, KitError> {
    let mut taken = Vec::with_capacity(times);
    for _ in 0..times {
        let began = Instant::now();
        work()?;
        taken.push(began.elapsed());
    }
    Ok(median(taken))
}
