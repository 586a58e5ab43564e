//! What the flags and the configuration file say together.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hm_model::ClusterOptions;
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
    #[error("{path}, line {line}: {reason}")]
    Bad {
        path: PathBuf,
        line: usize,
        reason: String,
    },
}

/// The daemon's part of the file. The commands' parts are for the commands.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    cluster: Option<toml::Spanned<Strict>>,
    #[serde(default, rename = "context")]
    _contexts: Option<toml::Table>,
    #[serde(default, rename = "current_context")]
    _current_context: Option<String>,
    #[serde(default, rename = "host")]
    _host: Option<String>,
    #[serde(default, rename = "namespace")]
    _namespace: Option<String>,
}

/// [`ClusterOptions`] as people write them: a key that means nothing is an error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    name: Option<toml::Value>,
    join_timeout: Option<toml::Value>,
    gossip_interval: Option<toml::Value>,
    failure_threshold: Option<toml::Value>,
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
    let bad = |span: Option<std::ops::Range<usize>>, reason: String| {
        let line = 1 + text[..span.map_or(0, |span| span.start).min(text.len())]
            .matches('\n')
            .count();
        ConfigError::Bad {
            path: path.to_owned(),
            line,
            reason,
        }
    };
    let file: File =
        toml::from_str(text).map_err(|error| bad(error.span(), one_line(error.message())))?;
    let Some(part) = file.cluster else {
        return Ok(ClusterOptions::default());
    };
    let start = part.span();
    let Strict {
        name,
        join_timeout,
        gossip_interval,
        failure_threshold,
    } = part.into_inner();
    let given = [
        ("name", name),
        ("join_timeout", join_timeout),
        ("gossip_interval", gossip_interval),
        ("failure_threshold", failure_threshold),
    ];
    let mut options = toml::Table::new();
    for (key, value) in given {
        let Some(value) = value else { continue };
        let alone = toml::Table::from_iter([(key.to_owned(), value.clone())]);
        let here = line_of(text, start.start, key);
        ClusterOptions::deserialize(toml::Value::Table(alone)).map_err(|error| {
            ConfigError::Bad {
                path: path.to_owned(),
                line: here,
                reason: format!("cluster.{key}: {}", one_line(error.message())),
            }
        })?;
        options.insert(key.to_owned(), value);
    }
    let options = ClusterOptions::deserialize(toml::Value::Table(options))
        .map_err(|error| bad(error.span(), one_line(error.message())))?;
    options.check().map_err(|error| {
        let key = ["join_timeout", "gossip_interval", "failure_threshold"]
            .into_iter()
            .find(|key| error.to_string().contains(key))
            .unwrap_or("cluster");
        ConfigError::Bad {
            path: path.to_owned(),
            line: line_of(text, start.start, key),
            reason: error.to_string(),
        }
    })?;
    Ok(options)
}

/// The line on which a key of the table that begins at `start` is set.
fn line_of(text: &str, start: usize, key: &str) -> usize {
    let before = text[..start.min(text.len())].matches('\n').count();
    let within = text.lines().skip(before).position(|line| {
        line.trim_start()
            .strip_prefix(key)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    });
    before + within.unwrap_or(0) + 1
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
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
        assert_eq!(
            error("[cluster]\nname = \"a\"\ngossip_intervall = 1\n"),
            "/etc/hivemind/config.toml, line 3: unknown field `gossip_intervall`, expected one of `name`, `join_timeout`, \
             `gossip_interval`, `failure_threshold`"
        );
        assert!(
            error("\n[cluster]\n\nfailure_threshold = 0\n")
                .starts_with("/etc/hivemind/config.toml, line 4: ")
        );
        assert!(
            error("[cluster]\nname = \"a\"\njoin_timeout = \"soon\"\n")
                .contains("line 3: cluster.join_timeout: ")
        );
        assert!(error("[clutser]\n").contains("line 1: unknown field `clutser`"));
        assert!(error("[cluster\n").contains("line 1: "));
    }
}
