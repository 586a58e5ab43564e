//! What a process uses, as the kernel counts it.

use std::fs;
use std::time::Duration;

use hm_testkit::KitError;

/// The kernel counts processor time in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

pub(crate) struct Usage {
    pub(crate) pss_bytes: f64,
    pub(crate) processor: Duration,
    pub(crate) written: f64,
}

impl Usage {
    pub(crate) fn of(pid: u32) -> Result<Self, KitError> {
        let memory = read(pid, "smaps_rollup")?;
        let io = read(pid, "io")?;
        let stat = read(pid, "stat")?;
        // The fields after the name, which may hold blanks: user and system time are the 12th and 13th.
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let ticks: u32 = fields
            .get(11..13)
            .into_iter()
            .flatten()
            .filter_map(|ticks| ticks.parse::<u32>().ok())
            .sum();
        Ok(Self {
            pss_bytes: number(&memory, "Pss:") * 1024.0,
            processor: TICK * ticks,
            written: number(&io, "write_bytes:"),
        })
    }
}

fn read(pid: u32, file: &str) -> Result<String, KitError> {
    let path = format!("/proc/{pid}/{file}");
    fs::read_to_string(&path).map_err(KitError::file("read", path))
}

fn number(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(f64::NAN)
}
