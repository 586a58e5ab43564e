//! The data directory: one daemon at a time, and where everything in it lies.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use hm_paths::files::data;

use crate::error::DaemonError;

pub(crate) struct Home {
    path: PathBuf,
    /// Held as long as the daemon lives; the kernel lets go of it even after `kill -9`.
    _lock: File,
}

impl Home {
    /// Takes the directory, making it if it is missing.
    pub(crate) fn open(path: &Path) -> Result<Self, DaemonError> {
        let failed = |doing| {
            move |source| DaemonError::File {
                doing,
                path: path.to_owned(),
                source,
            }
        };
        let mut builder = DirBuilder::new();
        builder
            .recursive(true)
            .mode(hm_paths::files::DATA_DIR_MODE)
            .create(path)
            .map_err(failed("create"))?;
        let path = fs::canonicalize(path).map_err(failed("open"))?;
        let lock = path.join(data::LOCK);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock);
        let file = file.map_err(|source| DaemonError::File {
            doing: "open",
            path: lock.clone(),
            source,
        })?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DaemonError::InUse { path }),
            Err(TryLockError::Error(source)) => {
                return Err(DaemonError::File {
                    doing: "lock",
                    path: lock,
                    source,
                });
            }
        }
        let home = Self { path, _lock: file };
        let tls = home.path.join(data::TLS_DIR);
        builder.create(&tls).map_err(|source| DaemonError::File {
            doing: "create",
            path: tls,
            source,
        })?;
        Ok(home)
    }

    pub(crate) fn identity(&self) -> PathBuf {
        self.path.join(data::IDENTITY)
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.path.join(data::STATE)
    }

    pub(crate) fn view(&self) -> PathBuf {
        self.path.join(data::VIEW)
    }

    pub(crate) fn founding(&self) -> PathBuf {
        self.path.join(data::FOUNDING)
    }

    pub(crate) fn membership(&self) -> PathBuf {
        self.path.join(data::MEMBERSHIP)
    }

    pub(crate) fn audit(&self) -> PathBuf {
        self.path.join(data::AUDIT_LOG)
    }

    pub(crate) fn tls(&self, file: &str) -> PathBuf {
        self.path.join(data::TLS_DIR).join(file)
    }
}
