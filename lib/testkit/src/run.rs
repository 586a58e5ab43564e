//! Runs a program to its end: no inherited environment, a time limit, its output caught.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::wait::until_exit;
use crate::{KitError, Namespace, TempHome};

/// Where the tools of a Debian machine are.
const TOOLS: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A program, its arguments and its surroundings.
#[derive(Clone, Debug)]
pub struct Run {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: BTreeMap<OsString, OsString>,
    stdin: Vec<u8>,
    within: Duration,
}

/// A program that has ended.
#[derive(Debug)]
pub struct Finished {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    /// The exit code; a signal counts 128 more than its number, as in a shell.
    pub fn code(&self) -> i32 {
        self.status
            .code()
            .unwrap_or_else(|| 128 + self.status.signal().unwrap_or_default())
    }
}

impl Run {
    pub fn new(program: impl AsRef<Path>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            environment: BTreeMap::from([
                ("PATH".into(), TOOLS.into()),
                ("LC_ALL".into(), "C.UTF-8".into()),
            ]),
            stdin: Vec::new(),
            within: Duration::from_secs(30),
        }
    }

    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(
            arguments
                .into_iter()
                .map(|argument| argument.as_ref().to_owned()),
        );
        self
    }

    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Lets the program believe that this is its user's home.
    #[must_use]
    pub fn home(self, home: &TempHome) -> Self {
        self.env("HOME", home.home())
            .env("XDG_CONFIG_HOME", home.config())
    }

    #[must_use]
    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = text.into();
        self
    }

    /// The program is killed after this time: 30 s unless told.
    #[must_use]
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// Runs in this network namespace. `ip netns exec` would hide the cgroups.
    #[must_use]
    pub fn inside(mut self, namespace: &Namespace) -> Self {
        let program = std::mem::replace(&mut self.program, "nsenter".into());
        let entry = namespace.door();
        self.arguments
            .splice(..0, [entry, "--".into(), program.into_os_string()]);
        self
    }

    /// The same as a command, for what is started and left running.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(&self.environment);
        command
    }

    /// Runs to the end, whatever the exit code.
    pub fn finish(&self) -> Result<Finished, KitError> {
        // A group of its own, so that a kill reaches what it started too, and the pipes close.
        let started = self
            .command()
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = started.map_err(|source| KitError::Start {
            program: self.program.clone(),
            source,
        })?;
        let input = child.stdin.take();
        let (out, err) = (child.stdout.take(), child.stderr.take());
        thread::scope(|scope| {
            // A program that does not read its input is free to do so.
            scope.spawn(move || input.map(|mut pipe| pipe.write_all(&self.stdin)));
            let out = scope.spawn(|| drain(out));
            let err = scope.spawn(|| drain(err));
            let status = self.end(&mut child)?;
            let text = |read: thread::ScopedJoinHandle<'_, io::Result<String>>| {
                read.join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                    .map_err(KitError::file("read from", self.program.clone()))
            };
            Ok(Finished {
                status,
                stdout: text(out)?,
                stderr: text(err)?,
            })
        })
    }

    /// Runs to the end and wants exit code 0.
    pub fn ok(&self) -> Result<Finished, KitError> {
        let finished = self.finish()?;
        if finished.status.success() {
            return Ok(finished);
        }
        Err(KitError::Tool {
            command: self.to_string(),
            status: finished.status.to_string(),
            stderr: finished.stderr,
        })
    }

    fn end(&self, child: &mut Child) -> Result<ExitStatus, KitError> {
        if let Some(status) = until_exit(child, self.within)? {
            return Ok(status);
        }
        let pid = child.id();
        let killed = kill_process_group(Pid::from_child(child), Signal::KILL).map_err(Into::into);
        killed
            .and_then(|()| child.wait())
            .map_err(|source| KitError::Signal { pid, source })?;
        Err(KitError::TooLate {
            what: format!("the end of `{self}`"),
            within: self.within,
        })
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.program.display())?;
        self.arguments
            .iter()
            .try_for_each(|argument| write!(f, " {}", argument.display()))
    }
}

fn drain(pipe: Option<impl Read>) -> io::Result<String> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut bytes)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_code_and_input_come_through() {
        let finished = Run::new("sh")
            .args(["-c", "cat; echo words >&2; exit 7"])
            .stdin("data")
            .finish()
            .expect("sh runs");
        assert_eq!(
            (
                finished.code(),
                finished.stdout.as_str(),
                finished.stderr.as_str()
            ),
            (7, "data", "words\n")
        );
    }

    #[test]
    fn nothing_of_the_environment_comes_along() {
        let finished = Run::new("env").env("ONE", "1").ok().expect("env runs");
        let mut names: Vec<_> = finished
            .stdout
            .lines()
            .filter_map(|line| line.split('=').next())
            .collect();
        names.sort_unstable();
        assert_eq!(names, ["LC_ALL", "ONE", "PATH"]);
    }

    #[test]
    fn a_program_that_hangs_is_killed_and_named() {
        let hanging = Run::new("sh")
            .args(["-c", "sleep 1000; :"])
            .within(Duration::from_millis(50));
        let late = hanging.finish().expect_err("too slow");
        assert_eq!(
            late.to_string(),
            "the end of `sh -c sleep 1000; :` did not come true within 50ms"
        );
    }

    #[test]
    fn a_failure_shows_what_the_program_said() {
        let failed = Run::new("sh")
            .args(["-c", "echo why >&2; exit 3"])
            .ok()
            .expect_err("exit 3");
        assert_eq!(
            failed.to_string(),
            "`sh -c echo why >&2; exit 3` failed (exit status: 3): why\n"
        );
    }

    #[test]
    fn more_output_than_a_pipe_holds_does_not_block() {
        let finished = Run::new("sh")
            .args(["-c", "head -c 300000 /dev/zero | tr '\\0' x"])
            .ok()
            .expect("sh runs");
        assert_eq!(finished.stdout.len(), 300_000);
    }
}
