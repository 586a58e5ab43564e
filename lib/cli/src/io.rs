//! The streams of a command and what is known of them; a test passes its own.

use std::io::{self, BufRead, BufWriter, IsTerminal, Write};

use hm_paths::environment;

use crate::style::Terminal;

/// Where a command reads and writes.
pub(crate) struct Io {
    pub stdin: Box<dyn BufRead>,
    pub stdout: Box<dyn Write>,
    pub stderr: Box<dyn Write>,
    pub stdin_is_terminal: bool,
    pub stdout_terminal: Terminal,
    pub stderr_terminal: Terminal,
    /// The terminal's width, when standard output is one.
    pub columns: Option<usize>,
}

impl Io {
    /// The process's own.
    pub(crate) fn of_process(variable: impl Fn(&str) -> Option<String>) -> Self {
        let no_color = variable(environment::NO_COLOR).is_some_and(|value| !value.is_empty());
        let dumb = variable(environment::TERM).is_some_and(|term| term == "dumb");
        let (stdout, stderr) = (io::stdout(), io::stderr());
        Self {
            stdin_is_terminal: io::stdin().is_terminal(),
            stdout_terminal: Terminal {
                is_terminal: stdout.is_terminal(),
                no_color,
                dumb,
            },
            stderr_terminal: Terminal {
                is_terminal: stderr.is_terminal(),
                no_color,
                dumb,
            },
            columns: columns(&stdout),
            stdin: Box::new(io::stdin().lock()),
            // Standard output would write line by line.
            stdout: Box::new(BufWriter::new(stdout)),
            stderr: Box::new(stderr),
        }
    }
}

fn columns(stdout: &io::Stdout) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stdout).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

impl std::fmt::Debug for Io {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Io")
            .field("stdin_is_terminal", &self.stdin_is_terminal)
            .field("stdout_terminal", &self.stdout_terminal)
            .field("stderr_terminal", &self.stderr_terminal)
            .finish_non_exhaustive()
    }
}
