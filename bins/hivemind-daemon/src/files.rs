//! Files written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::error::DaemonError;

/// Who may read a file.
#[derive(Clone, Copy)]
pub(crate) enum Readers {
    Owner,
    Everyone,
}

/// Replaces a file: after a crash it is the old one or the new one, and when this returns it is the new one.
pub(crate) fn replace(path: &Path, content: &[u8], readers: Readers) -> Result<(), DaemonError> {
    try_replace(path, content, readers).map_err(|source| DaemonError::File {
        doing: "write",
        path: path.to_owned(),
        source,
    })
}

pub(crate) fn try_replace(path: &Path, content: &[u8], readers: Readers) -> io::Result<()> {
    let mode = match readers {
        Readers::Owner => 0o600,
        Readers::Everyone => 0o644,
    };
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    sync_folder_of(path)
}

/// A file's content; `None` if there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, DaemonError> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(DaemonError::File {
            doing: "read",
            path: path.to_owned(),
            source,
        }),
    }
}

/// Removes a file that may be gone already.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder_of(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
