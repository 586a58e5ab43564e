//! Where a test plays: a home, the commands by their names, a daemon, and what is printed as one text.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use hm_testkit::{Finished, Run, TempHome};
use tempfile::TempDir;

use crate::daemon::{PlayedDaemon, Reply};

/// The commands, as the program knows them.
pub(crate) const COMMANDS: [&str; 5] = [
    "hivemind",
    "hivemind-admin",
    "hivemind-cluster",
    "hivemind-health",
    "hivemind-node",
];

pub(crate) struct Stage {
    pub(crate) home: TempHome,
    programs: TempDir,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let home = TempHome::new().expect("a home");
        // Links, not symlinks: the dispatcher looks beside the file that it really is.
        let programs = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        for name in COMMANDS {
            let link = programs.path().join(name);
            std::fs::hard_link(env!("CARGO_BIN_EXE_hm-commands"), link).expect("a link");
        }
        Self { home, programs }
    }

    pub(crate) fn programs(&self) -> &Path {
        self.programs.path()
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.home.run().join("hivemind.sock")
    }

    pub(crate) fn play(&self, script: Vec<(&str, Reply)>) -> PlayedDaemon {
        PlayedDaemon::start(&self.socket(), script)
    }

    /// A command line such as `hivemind node ls --json`, ready to run. Words are separated by single spaces.
    pub(crate) fn line(&self, line: &str) -> Run {
        let mut words = line.split(' ');
        let program = self.programs().join(words.next().expect("a program"));
        Run::new(program).args(words).home(&self.home).env(
            "HIVEMIND_HOST",
            format!("unix://{}", self.socket().display()),
        )
    }

    pub(crate) fn run(&self, line: &str) -> Finished {
        self.line(line).finish().expect("it runs")
    }

    /// What a person sees: the line, what it printed, what it said, how it ended.
    pub(crate) fn transcript(&self, lines: &[&str]) -> String {
        let mut text = String::new();
        for line in lines {
            let finished = self.run(line);
            text.push_str(&format!("$ {line}\n"));
            text.push_str(&finished.stdout);
            for said in finished.stderr.lines() {
                text.push_str(&format!("! {said}\n"));
            }
            text.push_str(&format!("= {}\n\n", finished.code()));
        }
        self.tidy(&text)
    }

    /// The text without what differs from run to run.
    pub(crate) fn tidy(&self, text: &str) -> String {
        text.replace(&self.socket().display().to_string(), "SOCKET")
            .replace(&self.home.path().display().to_string(), "HOME")
            .replace(&self.programs().display().to_string(), "PROGRAMS")
            .replace(env!("CARGO_PKG_VERSION"), "VERSION")
    }

    /// Starts a command line and leaves it running, its output caught.
    pub(crate) fn start(&self, line: &str) -> Running {
        let mut command: Command = self.line(line).command();
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Running(command.spawn().expect("it starts"))
    }
}

/// A command that is killed, should the test end before it.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
