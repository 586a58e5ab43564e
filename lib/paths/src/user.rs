//! The files of the person who types a command. Their places follow the XDG base directories.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What the environment says about the person: pass the variables of [`crate::environment`] as they are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Home<'a> {
    pub home: Option<&'a OsStr>,
    pub xdg_config_home: Option<&'a OsStr>,
    pub xdg_runtime_dir: Option<&'a OsStr>,
}

impl Home<'_> {
    /// `~/.config/hivemind`; nothing if there is no home.
    pub fn config_dir(&self) -> Option<PathBuf> {
        let xdg = absolute(self.xdg_config_home).map(Path::to_path_buf);
        let base = xdg.or_else(|| absolute(self.home).map(|home| home.join(".config")));
        base.map(|base| base.join("hivemind"))
    }

    /// `~/.config/hivemind/config.toml`.
    pub fn config(&self) -> Option<PathBuf> {
        self.config_dir().map(|dir| dir.join("config.toml"))
    }

    /// The directory for sockets that a command opens, private to the person; nothing if the system provides none.
    pub fn runtime_dir(&self) -> Option<PathBuf> {
        absolute(self.xdg_runtime_dir).map(|dir| dir.join("hivemind"))
    }

    /// The configuration files to read, the most important first. A file that is named explicitly is the only one.
    pub fn config_files(&self, named: Option<&OsStr>) -> Vec<PathBuf> {
        match named.filter(|path| !path.is_empty()) {
            Some(path) => vec![path.into()],
            None => self
                .config()
                .into_iter()
                .chain([crate::files::CONFIG.into()])
                .collect(),
        }
    }
}

/// Unset, empty and relative paths do not count, as the XDG specification demands.
fn absolute(path: Option<&OsStr>) -> Option<&Path> {
    path.map(Path::new).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home<'a>(home: &'a str, xdg_config_home: &'a str) -> Home<'a> {
        Home {
            home: Some(home.as_ref()),
            xdg_config_home: Some(xdg_config_home.as_ref()),
            xdg_runtime_dir: None,
        }
    }

    #[test]
    fn the_xdg_variable_wins_over_the_home() {
        assert_eq!(
            home("/home/ann", "/cfg").config(),
            Some("/cfg/hivemind/config.toml".into())
        );
        assert_eq!(
            home("/home/ann", "").config(),
            Some("/home/ann/.config/hivemind/config.toml".into())
        );
        assert_eq!(
            home("/home/ann", "cfg").config(),
            Some("/home/ann/.config/hivemind/config.toml".into())
        );
    }

    #[test]
    fn without_a_home_only_the_machine_is_configured() {
        assert_eq!(Home::default().config(), None);
        assert_eq!(
            home("", "").config_files(None),
            [PathBuf::from("/etc/hivemind/config.toml")]
        );
    }

    #[test]
    fn a_named_file_is_the_only_one() {
        let files = home("/home/ann", "").config_files(Some("my.toml".as_ref()));
        assert_eq!(files, [PathBuf::from("my.toml")]);
        let usual = [
            "/home/ann/.config/hivemind/config.toml",
            "/etc/hivemind/config.toml",
        ]
        .map(PathBuf::from);
        assert_eq!(home("/home/ann", "").config_files(Some("".as_ref())), usual);
    }

    #[test]
    fn sockets_of_a_person_are_in_their_runtime_directory() {
        let with = Home {
            xdg_runtime_dir: Some("/run/user/1000".as_ref()),
            ..Home::default()
        };
        assert_eq!(with.runtime_dir(), Some("/run/user/1000/hivemind".into()));
        assert_eq!(Home::default().runtime_dir(), None);
    }
}
