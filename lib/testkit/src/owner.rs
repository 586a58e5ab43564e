//! Whose something is: a process, told by its id and its start, since ids are used again.

use std::fmt;
use std::fs;
use std::str::FromStr;

/// What every name made by the kit begins with.
const PREFIX: &str = "hmt";

/// A process, alive or not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Owner {
    pid: u32,
    /// Clock ticks since the machine started.
    started: u64,
}

impl Owner {
    /// This process.
    pub(crate) fn me() -> Option<Self> {
        let pid = std::process::id();
        started(pid).map(|started| Self { pid, started })
    }

    pub(crate) fn is_alive(self) -> bool {
        started(self.pid) == Some(self.started)
    }
}

/// `hmt-PID-START`: the beginning of a name.
impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}-{}-{}", self.pid, self.started)
    }
}

/// A name that is not one of ours.
#[derive(Debug)]
pub(crate) struct NotOurs;

/// Reads the beginning of a whole name, `hmt-PID-START-ANYTHING`.
impl FromStr for Owner {
    type Err = NotOurs;

    fn from_str(name: &str) -> Result<Self, NotOurs> {
        let mut parts = name.splitn(4, '-');
        if parts.next() != Some(PREFIX) {
            return Err(NotOurs);
        }
        let mut number = || parts.next()?.parse::<u64>().ok();
        let (pid, started) = number().zip(number()).ok_or(NotOurs)?;
        let pid = u32::try_from(pid).map_err(|_| NotOurs)?;
        parts.next().ok_or(NotOurs)?;
        Ok(Self { pid, started })
    }
}

/// The start of a process: the 22nd field of its stat, counted after the name, which may hold anything.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    // A zombie owns nothing any more.
    if fields.next()? == "Z" {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_name_tells_its_owner() {
        let me = Owner::me().expect("this process");
        assert_eq!(format!("{me}-7").parse::<Owner>().expect("one of ours"), me);
        assert!(me.is_alive());
    }

    #[test]
    fn other_names_are_not_ours() {
        for name in [
            "hmt",
            "hmt-1",
            "hmt-1-2",
            "hmt-1-x-3",
            "hmt-x-1-3",
            "hm-1-2-3",
            "docker",
            "",
        ] {
            name.parse::<Owner>().expect_err(name);
        }
    }

    #[test]
    fn an_id_used_again_is_someone_else() {
        let me = Owner::me().expect("this process");
        let before = Owner {
            pid: me.pid,
            started: me.started - 1,
        };
        assert!(!before.is_alive());
    }

    #[test]
    fn the_dead_are_not_alive_even_before_they_are_reaped() {
        let mut child = Command::new("sleep")
            .arg("1000")
            .spawn()
            .expect("sleep starts");
        let owner = Owner {
            pid: child.id(),
            started: started(child.id()).expect("a start"),
        };
        assert!(owner.is_alive());
        child.kill().expect("a signal");
        crate::until(
            "the child is dead",
            std::time::Duration::from_secs(5),
            || (!owner.is_alive()).then_some(()),
        )
        .expect("in time");
        child.wait().expect("an end");
    }
}
