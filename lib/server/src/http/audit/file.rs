//! The audit log on disk: a thread of its own appends, so that no request waits for the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::chain::{Broken, Verified, verify};
use super::{AuditEvent, AuditLog, Full};

/// So many events may wait to be written.
const QUEUE: usize = 1_024;
/// A file that has grown to this is put aside.
const FILE_LIMIT: u64 = 16 * 1024 * 1024;
/// So many files put aside are kept.
const FILES_KEPT: u32 = 4;

pub struct AuditFile {
    sender: Mutex<Option<SyncSender<AuditEvent>>>,
    lost: Arc<AtomicU64>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, thiserror::Error)]
pub enum AuditFileError {
    #[error("cannot open the audit log {}", .path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("cannot read the audit log {}", .path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot start the writer of the audit log {}", .path.display())]
    Thread { path: PathBuf, source: io::Error },
}

struct Writer {
    path: PathBuf,
    file: File,
    size: u64,
    chain: Verified,
    lost: Arc<AtomicU64>,
}

impl AuditFile {
    /// Opens the log and follows its chain. A broken chain is told and gone on with: it must not keep the node from working.
    pub fn open(path: &Path) -> Result<(Self, Option<Broken>), AuditFileError> {
        let (writer, broken) = Writer::open(path)?;
        let lost = writer.lost.clone();
        let (sender, receiver) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || writer.run(&receiver))
            .map_err(|source| AuditFileError::Thread {
                path: path.to_owned(),
                source,
            })?;
        let file = Self {
            sender: Mutex::new(Some(sender)),
            lost,
            writer: Mutex::new(Some(thread)),
        };
        Ok((file, broken))
    }

    /// Writes what is waiting and ends the thread.
    pub fn close(&self) {
        drop(
            self.sender
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let writer = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if writer.is_some_and(|writer| writer.join().is_err()) {
            tracing::error!("the writer of the audit log had failed");
        }
    }
}

impl AuditLog for AuditFile {
    fn record(&self, event: AuditEvent) -> Result<(), Full> {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = sender
            .as_ref()
            .is_some_and(|sender| sender.try_send(event).is_ok());
        if !sent {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        if sent { Ok(()) } else { Err(Full) }
    }
}

impl Drop for AuditFile {
    fn drop(&mut self) {
        self.close();
    }
}

impl Writer {
    fn open(path: &Path) -> Result<(Self, Option<Broken>), AuditFileError> {
        let mut file = open_for_append(path).map_err(|source| AuditFileError::Open {
            path: path.to_owned(),
            source,
        })?;
        let read = |source| AuditFileError::Read {
            path: path.to_owned(),
            source,
        };
        let size = cut_torn_line(&mut file).map_err(read)?;
        file.seek(SeekFrom::Start(0)).map_err(read)?;
        let (chain, broken) = match verify(BufReader::new(&file)) {
            // A new file goes on where the one put aside ended.
            Ok(chain) if chain.lines == 0 => (end_of(&aside(path, 1)), None),
            Ok(chain) => (chain, None),
            Err(broken) => (end_of(path), Some(broken)),
        };
        Ok((
            Self {
                path: path.to_owned(),
                file,
                size,
                chain,
                lost: Arc::default(),
            },
            broken,
        ))
    }

    fn run(mut self, events: &Receiver<AuditEvent>) {
        while let Ok(event) = events.recv() {
            let mut written = self.append(&event);
            while let Ok(event) = events.try_recv() {
                written = written.and_then(|()| self.append(&event));
            }
            if let Err(error) = written.and_then(|()| self.file.sync_data()) {
                tracing::error!(path = %self.path.display(), %error, "the audit log cannot be written");
            }
        }
    }

    fn append(&mut self, event: &AuditEvent) -> io::Result<()> {
        if self.size >= FILE_LIMIT {
            self.put_aside()?;
        }
        let lost = self.lost.swap(0, Ordering::Relaxed);
        let (line, chain) = self.chain.next(event, lost);
        match self.file.write_all(line.as_bytes()) {
            Ok(()) => {
                self.size += line.len() as u64;
                self.chain = chain;
                Ok(())
            }
            Err(error) => {
                self.lost.fetch_add(lost + 1, Ordering::Relaxed);
                // Half a line must not stay in front of the next.
                self.file.set_len(self.size)?;
                Err(error)
            }
        }
    }

    fn put_aside(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        for number in (1..FILES_KEPT).rev() {
            match fs::rename(aside(&self.path, number), aside(&self.path, number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        fs::rename(&self.path, aside(&self.path, 1))?;
        self.file = open_for_append(&self.path)?;
        self.size = 0;
        Ok(())
    }
}

fn open_for_append(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
}

fn aside(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

/// Where the chain of a file ends, as far as it can be followed; after a break, at its last whole line.
fn end_of(path: &Path) -> Verified {
    let Ok(text) = fs::read_to_string(path) else {
        return Verified::default();
    };
    if let Ok(chain) = verify(text.as_bytes()) {
        return chain;
    }
    text.lines()
        .rev()
        .find_map(|line| {
            verify(line.as_bytes())
                .ok()
                .filter(|chain| chain.lines == 1)
        })
        .unwrap_or_default()
}

/// A crash in the middle of a write leaves half a line, which was never answered for. Answers the size of what is whole.
fn cut_torn_line(file: &mut File) -> io::Result<u64> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let whole = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1) as u64;
    if whole < bytes.len() as u64 {
        tracing::warn!(
            bytes = bytes.len() as u64 - whole,
            "the audit log ended in half a line, which is cut off"
        );
        file.set_len(whole)?;
    }
    Ok(whole)
}

#[cfg(test)]
mod tests;
