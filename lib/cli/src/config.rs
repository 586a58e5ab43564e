//! Which daemon and which namespace: flag, then environment, then the user's file, then the machine's, then the default.

mod file;

use std::path::{Path, PathBuf};

use hm_client::{Host, ParseHostError, ParseTokenError, Token};
use hm_model::{Namespace, ParseError};
use hm_paths::user::Home;
use hm_paths::{environment, files};

pub(crate) use file::{ConfigError, Owner, Source};
use file::{Context, File};

/// What the flags say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    pub host: Option<Host>,
    pub context: Option<String>,
    pub namespace: Option<Namespace>,
}

/// What the environment says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    pub host: Option<String>,
    pub context: Option<String>,
    pub namespace: Option<String>,
    pub token: Option<String>,
    /// The configuration files, the most important first.
    pub files: Vec<Source>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingError {
    #[error("{variable}")]
    Host {
        variable: &'static str,
        source: ParseHostError,
    },
    #[error("{variable}")]
    Namespace {
        variable: &'static str,
        source: Box<ParseError>,
    },
    #[error("{variable}")]
    Token {
        variable: &'static str,
        source: ParseTokenError,
    },
    #[error("no context `{name}`{}", listed(.known))]
    NoContext { name: String, known: Vec<String> },
    #[error(transparent)]
    File(#[from] ConfigError),
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "; no configuration file has any".to_owned(),
        names => format!("; there are {}", names.join(", ")),
    }
}

/// The daemon to talk to. Files are only read when flag and environment leave it open, so that a broken one never stands in
/// the way of `--host`.
pub(crate) fn host(flags: &Flags, from: &Environment) -> Result<Host, SettingError> {
    if let Some(host) = &flags.host {
        return Ok(host.clone());
    }
    if flags.context.is_none()
        && let Some(host) = &from.host
    {
        let variable = environment::HOST;
        return host
            .parse()
            .map_err(|source| SettingError::Host { variable, source });
    }
    let context = context(flags, from)?;
    Ok(context
        .and_then(|context| context.host)
        .unwrap_or_else(|| Host::Unix(files::SOCKET.into())))
}

/// The token to show, if there is one.
pub(crate) fn token(from: &Environment) -> Result<Option<Token>, SettingError> {
    let variable = environment::TOKEN;
    let token = from.token.as_ref().map(|token| token.parse()).transpose();
    token.map_err(|source| SettingError::Token { variable, source })
}

/// The namespace to look into.
pub(crate) fn namespace(flags: &Flags, from: &Environment) -> Result<Namespace, SettingError> {
    if let Some(namespace) = &flags.namespace {
        return Ok(namespace.clone());
    }
    if flags.context.is_none()
        && let Some(namespace) = &from.namespace
    {
        let variable = environment::NAMESPACE;
        return namespace.parse().map_err(|source| SettingError::Namespace {
            variable,
            source: Box::new(source),
        });
    }
    let context = context(flags, from)?;
    Ok(context
        .and_then(|context| context.namespace)
        .unwrap_or_default())
}

/// The context that holds, if one is named anywhere.
fn context(flags: &Flags, from: &Environment) -> Result<Option<Context>, SettingError> {
    let mut read = Vec::new();
    for source in &from.files {
        read.extend(File::read(source)?);
    }
    let named = flags.context.as_ref().or(from.context.as_ref());
    let current = || read.iter().find_map(|file| file.current_context.as_ref());
    let Some(name) = named.or_else(current).cloned() else {
        return Ok(None);
    };
    match read.iter_mut().find_map(|file| file.contexts.remove(&name)) {
        Some(context) => Ok(Some(context)),
        None => {
            let known = read
                .into_iter()
                .flat_map(|file| file.contexts.into_keys())
                .collect();
            Err(SettingError::NoContext { name, known })
        }
    }
}

impl Environment {
    /// Reads what matters from the process's environment.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| variable(name).filter(|value| !value.is_empty());
        let (home, xdg) = (
            value(environment::HOME),
            value(environment::XDG_CONFIG_HOME),
        );
        let named = value(environment::CONFIG);
        let person = Home {
            home: home.as_ref().map(AsRef::as_ref),
            xdg_config_home: xdg.as_ref().map(AsRef::as_ref),
            xdg_runtime_dir: None,
        };
        let source = |path: PathBuf| match (path == Path::new(files::CONFIG), named.is_some()) {
            (true, _) => Source {
                path,
                owner: Owner::Machine,
            },
            (false, true) => Source {
                path,
                owner: Owner::Caller,
            },
            (false, false) => Source {
                path,
                owner: Owner::User,
            },
        };
        Self {
            host: value(environment::HOST),
            context: value(environment::CONTEXT),
            namespace: value(environment::NAMESPACE),
            token: value(environment::TOKEN),
            files: person
                .config_files(named.as_ref().map(AsRef::as_ref))
                .into_iter()
                .map(source)
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests;
