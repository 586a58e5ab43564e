//! What the flags and the configuration file say together.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hm_model::input::{self, InputError};
use hm_model::{ClusterOptions, ClusterOptionsError};
use serde::Deserialize;

use crate::arguments::Arguments;

pub(crate) struct Config {
    pub(crate) arguments: Arguments,
    pub(crate) cluster: ClusterOptions,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("cannot read the configuration file {path}")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path}, {source}")]
    Bad { path: PathBuf, source: InputError },
    #[error("{path}, line {line}: {source}")]
    Value {
        path: PathBuf,
        line: usize,
        source: ClusterOptionsError,
    },
}

/// The whole file; the commands' part of it is for the commands.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    cluster: ClusterOptions,
    #[serde(default, rename = "context")]
    _contexts: Option<toml::Table>,
    #[serde(default, rename = "current_context")]
    _current_context: Option<String>,
}

pub(crate) fn load(arguments: Arguments) -> Result<Config, ConfigError> {
    let (path, must_exist) = match &arguments.config {
        Some(path) => (path.clone(), true),
        None => (PathBuf::from(hm_paths::files::CONFIG), false),
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !must_exist => String::new(),
        Err(source) => return Err(ConfigError::Read { path, source }),
    };
    let cluster = parse(&text, &path)?;
    Ok(Config { arguments, cluster })
}

fn parse(text: &str, path: &Path) -> Result<ClusterOptions, ConfigError> {
    let path = path.to_owned();
    let file: File = match input::from_toml(text) {
        Ok(file) => file,
        Err(source) => return Err(ConfigError::Bad { path, source }),
    };
    match file.cluster.check() {
        Ok(()) => Ok(file.cluster),
        Err(source) => {
            let key = match &source {
                ClusterOptionsError::Time { key, .. } => key,
                ClusterOptionsError::FailureThreshold { .. } => "failure_threshold",
            };
            Err(ConfigError::Value {
                path,
                line: line_of(text, key),
                source,
            })
        }
    }
}

/// The line on which a key is set: the types of the values have forgotten where they came from.
fn line_of(text: &str, key: &str) -> usize {
    let sets = |line: &str| {
        line.trim_start()
            .strip_prefix(key)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    text.lines().position(sets).map_or(1, |before| before + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse(text, Path::new("/etc/hivemind/config.toml"))
            .map(|_| ())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn the_guides_example_is_understood() {
        let text = "[cluster]\nname = \"production-cluster\"\njoin_timeout = 60\ngossip_interval = 1\nfailure_threshold = 3\n";
        let options = parse(text, Path::new("x")).unwrap();
        assert_eq!(options.name.to_string(), "production-cluster");
        assert_eq!(
            parse("", Path::new("x")).unwrap(),
            ClusterOptions::default()
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_file_and_line() {
        let unknown = error("[cluster]\nname = \"a\"\ngossip_intervall = 1\n");
        assert!(
            unknown.starts_with("/etc/hivemind/config.toml, line 3"),
            "{unknown}"
        );
        assert!(unknown.contains("gossip_intervall"), "{unknown}");
        let low = error("\n[cluster]\n\nfailure_threshold = 0\n");
        assert!(
            low.starts_with("/etc/hivemind/config.toml, line 4: "),
            "{low}"
        );
        assert!(error("[cluster]\nname = \"a\"\njoin_timeout = \"soon\"\n").contains("line 3"));
        assert!(error("[clutser]\n").contains("line 1"));
        assert!(error("[cluster\n").contains("line 1"));
    }
}
