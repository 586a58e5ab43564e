//! How a command fails: an exit code, a word for programs, one line for people, and the next thing to try.

use std::error::Error;
use std::fmt::Write as _;
use std::io;

use hm_api::Exit;
use hm_client::ClientError;
use serde::Serialize;

use crate::style::{Colors, Style};
use crate::text::sanitize;

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CliError(Kind);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Kind {
    Failure(Box<Failure>),
    /// Nobody reads our output any more: nothing is said, nobody would hear it.
    BrokenPipe,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Failure {
    exit: Exit,
    code: &'static str,
    message: String,
    hint: Option<String>,
}

impl CliError {
    /// `message` says what, where and why, in one line; `code` is one word for programs.
    pub fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        Self(Kind::Failure(Box::new(Failure {
            exit,
            code,
            message: message.into(),
            hint: None,
        })))
    }

    /// From an error with its causes.
    pub fn from_error(exit: Exit, code: &'static str, error: &dyn Error) -> Self {
        Self::new(exit, code, chain(error))
    }

    /// Wrong arguments that clap cannot see.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    /// Writing to standard output failed.
    pub fn output(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self(Kind::BrokenPipe)
        } else {
            Self::new(
                Exit::Failed,
                "output",
                format!("cannot write to standard output: {error}"),
            )
        }
    }

    /// The next thing to try.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Kind::Failure(failure) = &mut self.0 {
            failure.hint = Some(hint.into());
        }
        self
    }

    /// Says first what was being done.
    #[must_use]
    pub fn context(mut self, doing: &str) -> Self {
        if let Kind::Failure(failure) = &mut self.0 {
            failure.message = format!("{doing}: {}", failure.message);
        }
        self
    }

    pub fn exit(&self) -> Option<Exit> {
        match &self.0 {
            Kind::Failure(failure) => Some(failure.exit),
            Kind::BrokenPipe => None,
        }
    }

    /// The text for people: one line, and one for the hint.
    pub(crate) fn to_text(&self, colors: Colors) -> String {
        let Kind::Failure(failure) = &self.0 else {
            return String::new();
        };
        let mut text = String::new();
        colors.paint(&mut text, Style::Bad, "error:");
        // Writing to a string cannot fail.
        let _ = writeln!(text, " {}", sanitize(&failure.message));
        if let Some(hint) = &failure.hint {
            colors.paint(&mut text, Style::Heading, "hint:");
            let _ = writeln!(text, " {}", sanitize(hint));
        }
        text
    }

    /// The object for programs.
    pub(crate) fn to_json(&self) -> String {
        let Kind::Failure(failure) = &self.0 else {
            return String::new();
        };
        let error = ErrorBody {
            code: failure.code,
            message: &failure.message,
            hint: failure.hint.as_deref(),
        };
        let mut text = serde_json::to_string(&ErrorObject { error }).unwrap_or_default();
        text.push('\n');
        text
    }
}

#[derive(Serialize)]
struct ErrorObject<'a> {
    error: ErrorBody<'a>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: &'a str,
    message: &'a str,
    hint: Option<&'a str>,
}

impl From<ClientError> for CliError {
    fn from(error: ClientError) -> Self {
        let failed = Self::from_error(error.exit(), error.code(), &error);
        match error.hint() {
            Some(hint) => failed.hint(hint),
            None => failed,
        }
    }
}

impl From<clap::Error> for CliError {
    /// clap's message without its layout: `error:`, then the tip or the usage as the hint.
    fn from(error: clap::Error) -> Self {
        let text = error.to_string();
        let mut parts = text
            .split("\n\n")
            .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
        let message = parts.next().unwrap_or_default();
        let failed = Self::usage(message.strip_prefix("error: ").unwrap_or(&message));
        let mut hint = None;
        for part in parts {
            if let Some(tip) = part.strip_prefix("tip: ") {
                hint = Some(tip.to_owned());
            } else if let (None, Some(usage)) = (&hint, part.strip_prefix("Usage: ")) {
                hint = Some(format!("usage: {usage} (more with --help)"));
            }
        }
        failed.hint(hint.unwrap_or_else(|| "more with --help".to_owned()))
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // A string cannot refuse to be written to.
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn the_cause_is_told_once_and_on_one_line() {
        let source = io::Error::other("too many\nlinks");
        let error = ClientError::Connect {
            path: PathBuf::from("/run/x.sock"),
            source,
        };
        let wanted = "error: cannot connect to /run/x.sock: too many links\n\
                      hint: see `systemctl status hivemind` and `journalctl -u hivemind`\n";
        let error = CliError::from(error);
        assert_eq!(error.to_text(Colors::Off), wanted);
        assert_eq!(error.exit(), Some(Exit::NoDaemon));
        assert!(
            error
                .to_json()
                .starts_with(r#"{"error":{"code":"no_daemon","message":"cannot connect"#)
        );
    }

    #[test]
    fn no_hint_is_null() {
        let error = CliError::new(Exit::NotFound, "not_found", "no node `web`")
            .context("cannot show the node");
        assert_eq!(
            error.to_json(),
            "{\"error\":{\"code\":\"not_found\",\"message\":\"cannot show the node: no node `web`\",\"hint\":null}}\n"
        );
    }

    #[test]
    fn a_reader_that_left_is_no_news() {
        let error = CliError::output(&io::ErrorKind::BrokenPipe.into());
        assert_eq!(
            (error.exit(), error.to_text(Colors::Off), error.to_json()),
            (None, String::new(), String::new())
        );
    }
}
