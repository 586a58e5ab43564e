//! What a command works with: the flags every command has, the daemon, and the only way to print.

use std::io::Write as _;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use clap::ArgMatches;
use hm_api::Exit;
use hm_client::{Client, DEFAULT_TIMEOUT};
use hm_model::{Namespace, Timestamp};
use serde::Serialize;

use crate::CliError;
use crate::age::age;
use crate::config::{self, Environment, Flags};
use crate::flags::{GlobalArgs, NamespaceArgs, YesArgs};
use crate::io::Io;
use crate::progress::{Place, Progress};
use crate::style::{Colors, Style};
use crate::table::Table;
use crate::text::sanitize;

/// How a command's data is printed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// Tables and sentences.
    Text,
    /// One array, one object, or one object a line.
    Json,
    /// One name a line.
    Names,
}

/// One look at something that is being waited for.
#[derive(Debug)]
pub enum Look<T> {
    There(T),
    /// Not yet, and what is missing.
    NotYet(String),
}

#[derive(Debug)]
pub struct Ctx {
    pub(crate) io: Io,
    format: Format,
    stdout_colors: Colors,
    pub(crate) stderr_colors: Colors,
    global: GlobalArgs,
    environment: Environment,
}

impl Ctx {
    pub(crate) fn new(
        io: Io,
        global: GlobalArgs,
        matches: &ArgMatches,
        environment: Environment,
    ) -> Self {
        let quiet = deepest(matches)
            .try_get_one::<bool>("quiet")
            .ok()
            .flatten()
            .is_some_and(|quiet| *quiet);
        let format = match (global.json, quiet) {
            (true, _) => Format::Json,
            (false, true) => Format::Names,
            (false, false) => Format::Text,
        };
        Self {
            stdout_colors: Colors::decide(global.color, &io.stdout_terminal),
            stderr_colors: Colors::decide(global.color, &io.stderr_terminal),
            io,
            format,
            global,
            environment,
        }
    }

    /// The daemon that flags, environment and configuration name.
    pub fn client(&self) -> Result<Client, CliError> {
        let flags = self.flags(None);
        let host = config::host(&flags, &self.environment).map_err(|error| config_error(&error))?;
        let token = config::token(&self.environment).map_err(|error| config_error(&error))?;
        let client = Client::new(host, self.timeout().unwrap_or(DEFAULT_TIMEOUT));
        Ok(match token {
            Some(token) => client.with_token(token),
            None => client,
        })
    }

    pub fn namespace(&self, args: &NamespaceArgs) -> Result<Namespace, CliError> {
        let flags = self.flags(args.namespace.clone());
        config::namespace(&flags, &self.environment).map_err(|error| config_error(&error))
    }

    fn flags(&self, namespace: Option<Namespace>) -> Flags {
        Flags {
            host: self.global.host.clone(),
            context: self.global.context.clone(),
            namespace,
        }
    }

    /// What `--timeout` says.
    pub fn timeout(&self) -> Option<Duration> {
        self.global.timeout.map(Duration::from)
    }

    pub fn format(&self) -> Format {
        self.format
    }

    /// Prints a list: an array, the names, or a table.
    pub fn list<T: Serialize>(
        &mut self,
        items: &[T],
        name: impl Fn(&T) -> String,
        table: impl FnOnce(&[T]) -> Table,
    ) -> Result<(), CliError> {
        match self.format {
            Format::Json => self.json(items),
            Format::Names => items.iter().try_for_each(|item| self.line(&name(item))),
            Format::Text => self.table(&table(items)),
        }
    }

    /// Prints one thing: an object, its name, or what `table` makes of it.
    pub fn one<T: Serialize>(
        &mut self,
        item: &T,
        name: impl FnOnce(&T) -> String,
        table: impl FnOnce(&T) -> Table,
    ) -> Result<(), CliError> {
        match self.format {
            Format::Json => self.json(item),
            Format::Names => self.line(&name(item)),
            Format::Text => self.table(&table(item)),
        }
    }

    pub fn table(&mut self, table: &Table) -> Result<(), CliError> {
        let text = table.render(self.stdout_colors, self.io.columns);
        self.write(&text)
    }

    /// The table as text, for commands that print parts of it.
    pub fn render(&self, table: &Table) -> String {
        table.render(self.stdout_colors, self.io.columns)
    }

    /// Prints one value as one line of JSON.
    pub fn json<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CliError> {
        let wrong = |error| CliError::from_error(Exit::Failed, "output", &error);
        let mut text = serde_json::to_string(value).map_err(wrong)?;
        text.push('\n');
        self.write(&text)
    }

    /// Prints one line of data.
    pub fn line(&mut self, text: &str) -> Result<(), CliError> {
        let line = format!("{}\n", sanitize(text));
        self.write(&line)
    }

    /// Prints text that is already laid out and made safe.
    pub fn write(&mut self, text: &str) -> Result<(), CliError> {
        self.io
            .stdout
            .write_all(text.as_bytes())
            .map_err(|error| CliError::output(&error))
    }

    /// Prints a screenful that replaces the last one on a terminal and follows it elsewhere.
    pub fn redraw(&mut self, text: &str) -> Result<(), CliError> {
        if self.redraws() {
            self.write("\x1b[H\x1b[2J")?;
        }
        self.write(text)?;
        self.flush()
    }

    /// Whether what is followed is redrawn in place.
    pub fn redraws(&self) -> bool {
        let terminal = &self.io.stdout_terminal;
        self.format == Format::Text && terminal.is_terminal && !terminal.dumb
    }

    /// Makes what was printed visible now; only those who follow need it.
    pub fn flush(&mut self) -> Result<(), CliError> {
        self.io
            .stdout
            .flush()
            .map_err(|error| CliError::output(&error))
    }

    /// A word to the person, on standard error. Nothing depends on it, so a closed standard error is no failure.
    pub fn note(&mut self, text: &str) {
        let _ = writeln!(self.io.stderr, "{}", sanitize(text));
    }

    pub fn warn(&mut self, text: &str) {
        let mut line = String::new();
        self.stderr_colors
            .paint(&mut line, Style::Warning, "warning:");
        let _ = writeln!(self.io.stderr, "{line} {}", sanitize(text));
    }

    /// How long ago a moment was.
    pub fn age(&self, moment: Timestamp) -> String {
        age(moment, now())
    }

    /// Asks before harm is done. Off a terminal nobody can answer, so it refuses and names the flag.
    pub fn confirm(&mut self, yes: &YesArgs, question: &str) -> Result<(), CliError> {
        if yes.yes {
            return Ok(());
        }
        if !self.io.stdin_is_terminal || !self.io.stderr_terminal.is_terminal {
            let refused = CliError::usage(format!(
                "not confirmed, and no terminal to ask on: {question}"
            ));
            return Err(refused.hint("add --yes if you mean it"));
        }
        let _ = write!(self.io.stderr, "{} [y/N] ", sanitize(question));
        let _ = self.io.stderr.flush();
        let mut answer = String::new();
        let read = self.io.stdin.read_line(&mut answer);
        match answer.trim() {
            "y" | "Y" | "yes" | "Yes" | "YES" if read.is_ok() => Ok(()),
            _ => Err(CliError::new(
                Exit::Failed,
                "not_confirmed",
                "not confirmed: nothing was changed",
            )),
        }
    }

    /// Looks until it is there, showing what is missing. After `limit` it is an error that says what was.
    pub fn wait<T>(
        &mut self,
        limit: Duration,
        pause: Duration,
        mut look: impl FnMut() -> Result<Look<T>, CliError>,
    ) -> Result<T, CliError> {
        let started = Instant::now();
        let mut progress = Progress::new(self.progress_place(), started);
        let outcome = loop {
            let missing = match look() {
                Ok(Look::There(found)) => break Ok(found),
                Ok(Look::NotYet(missing)) => missing,
                Err(error) => break Err(error),
            };
            let now = Instant::now();
            self.tell(&progress.show(now, &missing));
            let left = limit.saturating_sub(now.saturating_duration_since(started));
            if left.is_zero() {
                let message = format!("not there after {limit:?}: {missing}");
                let late = CliError::new(Exit::TimedOut, "timeout", message);
                break Err(late.hint("allow more with --timeout"));
            }
            thread::sleep(pause.min(left));
        };
        self.tell(progress.finish());
        outcome
    }

    fn progress_place(&self) -> Place {
        let terminal = &self.io.stderr_terminal;
        if terminal.is_terminal && !terminal.dumb {
            Place::Terminal {
                columns: self.io.columns,
            }
        } else {
            Place::Lines
        }
    }

    fn tell(&mut self, text: &str) {
        let _ = self.io.stderr.write_all(text.as_bytes());
        let _ = self.io.stderr.flush();
    }
}

fn config_error(error: &config::SettingError) -> CliError {
    CliError::from_error(Exit::Usage, "config", error)
}

fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// The matches of the subcommand that was called: flags live there.
pub(crate) fn deepest(matches: &ArgMatches) -> &ArgMatches {
    let mut deepest = matches;
    while let Some((_, inner)) = deepest.subcommand() {
        deepest = inner;
    }
    deepest
}

#[cfg(test)]
mod tests;
