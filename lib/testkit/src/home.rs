//! A home of its own for every test: nothing of the user's is read or written.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::KitError;

/// Temporary folders, gone when this is dropped. The paths are short, so that sockets fit in them.
#[derive(Debug)]
pub struct TempHome {
    root: TempDir,
}

impl TempHome {
    pub fn new() -> Result<Self, KitError> {
        let temporary = std::env::temp_dir();
        let root = tempfile::Builder::new()
            .prefix("hmt-")
            .tempdir_in(&temporary)
            .map_err(KitError::file("create a folder in", temporary))?;
        let home = Self { root };
        for folder in [home.home(), home.config(), home.data(), home.run()] {
            fs::create_dir_all(&folder).map_err(KitError::file("create", folder.clone()))?;
        }
        Ok(home)
    }

    pub fn path(&self) -> &Path {
        self.root.path()
    }

    /// For `HOME`.
    pub fn home(&self) -> PathBuf {
        self.path().join("home")
    }

    /// For `XDG_CONFIG_HOME`.
    pub fn config(&self) -> PathBuf {
        self.path().join("home/.config")
    }

    /// What survives a restart.
    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// Sockets and locks.
    pub fn run(&self) -> PathBuf {
        self.path().join("run")
    }

    /// Writes a file below the root and returns its path.
    pub fn write(&self, name: &str, content: &str) -> Result<PathBuf, KitError> {
        let path = self.path().join(name);
        fs::write(&path, content).map_err(KitError::file("write", path.clone()))?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::TempHome;

    #[test]
    fn a_home_goes_away_with_everything_in_it() {
        let home = TempHome::new().expect("a home");
        let path = home.write("data/file", "text").expect("a file");
        assert!(path.exists() && home.config().is_dir() && home.run().is_dir());
        let root = home.path().to_owned();
        drop(home);
        assert!(!root.exists());
    }

    #[test]
    fn two_homes_share_nothing() {
        let (one, two) = (
            TempHome::new().expect("a home"),
            TempHome::new().expect("a home"),
        );
        assert_ne!(one.path(), two.path());
    }
}
