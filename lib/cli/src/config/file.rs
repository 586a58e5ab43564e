//! A configuration file: `current_context`, and contexts with a host and a namespace.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use hm_client::{Host, ParseHostError};
use hm_model::{Namespace, ParseError};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::text::nearest;

const KEYS: [&str; 2] = ["context", "current_context"];
const CONTEXT_KEYS: [&str; 2] = ["host", "namespace"];

/// A file that may hold configuration.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Source {
    pub path: PathBuf,
    pub owner: Owner,
}

/// Whose file it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Owner {
    /// Named for this call: it must be there.
    Caller,
    /// Only commands read it, so everything in it must be known.
    User,
    /// The daemon reads it too, and checks the sections that are its own.
    Machine,
}

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct File {
    pub(super) current_context: Option<String>,
    pub(super) contexts: BTreeMap<String, Context>,
}

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Context {
    pub(super) host: Option<Host>,
    pub(super) namespace: Option<Namespace>,
}

/// What is wrong with a file, and where.
#[derive(Debug, thiserror::Error)]
#[error("{}{}", .path.display(), line_suffix(*.line))]
pub(crate) struct ConfigError {
    path: PathBuf,
    line: Option<usize>,
    #[source]
    fault: Box<Fault>,
}

#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("cannot be read")]
    Read(#[source] io::Error),
    #[error("{0}")]
    Syntax(String),
    #[error("unknown key `{key}`{}", suggestion(*.nearest))]
    UnknownKey {
        key: String,
        nearest: Option<&'static str>,
    },
    #[error("`{key}` must be {wanted}, not {found}")]
    Kind {
        key: String,
        wanted: &'static str,
        found: &'static str,
    },
    #[error("`host`")]
    Host(#[source] ParseHostError),
    #[error("`namespace`")]
    Namespace(#[source] ParseError),
}

fn line_suffix(line: Option<usize>) -> String {
    line.map(|line| format!(":{line}")).unwrap_or_default()
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest
        .map(|key| format!(": did you mean `{key}`?"))
        .unwrap_or_default()
}

impl File {
    /// Reads and checks a file; none when it is not there and need not be.
    pub(super) fn read(source: &Source) -> Result<Option<Self>, ConfigError> {
        let Source { path, owner } = source;
        match std::fs::read_to_string(path) {
            Ok(text) => Reader { path, text: &text }.file(*owner).map(Some),
            Err(error) if *owner != Owner::Caller && is_missing(&error) => Ok(None),
            // The machine's file may be closed to users, who are then none the worse.
            Err(error)
                if *owner == Owner::Machine && error.kind() == io::ErrorKind::PermissionDenied =>
            {
                Ok(None)
            }
            Err(error) => Err(ConfigError {
                path: path.clone(),
                line: None,
                fault: Box::new(Fault::Read(error)),
            }),
        }
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// What every message needs: the file and its text, to name the line.
struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

type Entry<'t, 'a> = (
    &'t Spanned<std::borrow::Cow<'a, str>>,
    &'t Spanned<DeValue<'a>>,
);

impl<'a> Reader<'a> {
    fn file(&self, owner: Owner) -> Result<File, ConfigError> {
        let table = DeTable::parse(self.text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            self.wrong(offset, Fault::Syntax(error.message().to_owned()))
        })?;
        let mut file = File::default();
        for entry in table.get_ref() {
            match entry.0.get_ref().as_ref() {
                "current_context" => file.current_context = Some(self.string(entry)?.to_owned()),
                "context" => {
                    for context in self.table(entry)? {
                        let name = context.0.get_ref().to_string();
                        file.contexts
                            .insert(name, self.context(self.table(context)?)?);
                    }
                }
                _ if owner == Owner::Machine => {}
                _ => return Err(self.unknown(entry, &KEYS)),
            }
        }
        Ok(file)
    }

    fn context(&self, table: &DeTable<'a>) -> Result<Context, ConfigError> {
        let mut context = Context::default();
        for entry in table {
            let offset = entry.1.span().start;
            match entry.0.get_ref().as_ref() {
                "host" => {
                    let host = self.string(entry)?.parse();
                    context.host =
                        Some(host.map_err(|error| self.wrong(offset, Fault::Host(error)))?);
                }
                "namespace" => {
                    let namespace = self.string(entry)?.parse();
                    let namespace =
                        namespace.map_err(|error| self.wrong(offset, Fault::Namespace(error)))?;
                    context.namespace = Some(namespace);
                }
                _ => return Err(self.unknown(entry, &CONTEXT_KEYS)),
            }
        }
        Ok(context)
    }

    fn string<'t>(&self, entry: Entry<'t, 'a>) -> Result<&'t str, ConfigError> {
        entry
            .1
            .get_ref()
            .as_str()
            .ok_or_else(|| self.kind(entry, "a text in quotes"))
    }

    fn table<'t>(&self, entry: Entry<'t, 'a>) -> Result<&'t DeTable<'a>, ConfigError> {
        entry
            .1
            .get_ref()
            .as_table()
            .ok_or_else(|| self.kind(entry, "a table such as [context.NAME]"))
    }

    fn kind(&self, (key, value): Entry<'_, 'a>, wanted: &'static str) -> ConfigError {
        let (key, found) = (key.get_ref().to_string(), value.get_ref().type_str());
        self.wrong(value.span().start, Fault::Kind { key, wanted, found })
    }

    fn unknown(&self, (key, _): Entry<'_, 'a>, known: &[&'static str]) -> ConfigError {
        let nearest = nearest(key.get_ref(), known.iter().copied());
        let offset = key.span().start;
        self.wrong(
            offset,
            Fault::UnknownKey {
                key: key.get_ref().to_string(),
                nearest,
            },
        )
    }

    fn wrong(&self, offset: usize, fault: Fault) -> ConfigError {
        let line = 1 + self
            .text
            .bytes()
            .take(offset)
            .filter(|byte| *byte == b'\n')
            .count();
        ConfigError {
            path: self.path.to_owned(),
            line: Some(line),
            fault: Box::new(fault),
        }
    }
}
