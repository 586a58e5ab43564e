//! Removes what killed tests left behind: namespaces whose owner is gone, and the processes inside them.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Once;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::Run;
use crate::namespace::FOLDER;
use crate::owner::Owner;

/// Sweeps once in this process. What cannot be removed now is left for the next one: it is in nobody's way.
pub(crate) fn leftovers() {
    static SWEPT: Once = Once::new();
    SWEPT.call_once(remove_left_behind);
}

pub(crate) fn remove_left_behind() {
    for name in left_behind() {
        remove(&name);
    }
}

/// The namespaces of tests that are no more.
fn left_behind() -> Vec<String> {
    let Ok(entries) = fs::read_dir(FOLDER) else {
        return Vec::new();
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names
        .filter(|name| name.parse::<Owner>().is_ok_and(|owner| !owner.is_alive()))
        .collect()
}

/// Kills what lives in a namespace, and unmounts it.
pub(crate) fn remove(name: &str) {
    let path = Path::new(FOLDER).join(name);
    for pid in inhabitants(&path) {
        kill(pid, &path);
    }
    // It may be gone already: two sweeps can meet.
    Run::new("ip").args(["netns", "delete", name]).finish().ok();
}

fn inhabitants(namespace: &Path) -> Vec<i32> {
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(|pid| lives_in(*pid, namespace)).collect()
}

fn lives_in(pid: i32, namespace: &Path) -> bool {
    let its = fs::metadata(format!("/proc/{pid}/ns/net"));
    let this = fs::metadata(namespace);
    its.ok()
        .zip(this.ok())
        .is_some_and(|(its, this)| (its.dev(), its.ino()) == (this.dev(), this.ino()))
}

/// The handle is taken before the last look, so that an id used again is never hit.
fn kill(pid: i32, namespace: &Path) {
    let Some(handle) = Pid::from_raw(pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok())
    else {
        return;
    };
    if lives_in(pid, namespace) {
        pidfd_send_signal(handle, Signal::KILL).ok();
    }
}
