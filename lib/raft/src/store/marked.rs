//! redb's storage with two marks in front: small checksummed notes of how many commits were acknowledged.
//!
//! redb picks the newest of two commit slots that is intact. After a crash that is right, but if the newest one is damaged
//! later, it silently falls back to the one before. So each acknowledged commit is noted in a mark, written and synced after
//! redb's own sync and before the acknowledgement; two marks alternate, so a torn one leaves the other. A store that opens
//! with fewer commits than its mark was damaged.
//!
//! While a store is opened and examined, writes are held back (redb repairs what it opens): what is found to be damaged
//! stays as it was.

use std::io;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::{BackendError, StorageBackend};

/// Each mark has a page of its own, so that a torn write of one cannot touch the other.
const MARK_SPACE: u64 = 4096;
/// Where redb's file begins.
pub(crate) const FRONT: u64 = 2 * MARK_SPACE;
const MAGIC: &[u8; 8] = b"hm-raft1";
const MARK_SIZE: usize = 20;

/// The backend with its front. Shared by redb and the store.
#[derive(Clone, Debug)]
pub(crate) struct Marked(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    backend: Box<dyn StorageBackend>,
    held: Mutex<Option<Held>>,
}

/// Writes that wait for the examination, in order.
#[derive(Debug)]
struct Held {
    len: u64,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Write { offset: u64, data: Vec<u8> },
    SetLen(u64),
    Sync,
}

/// What the marks say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Marks {
    /// The highest intact mark.
    At(u64),
    /// No mark is intact.
    Missing,
}

impl Marked {
    /// Holds writes back until `release`.
    pub(crate) fn new(backend: Box<dyn StorageBackend>) -> io::Result<Self> {
        let len = backend.len()?.saturating_sub(FRONT);
        let held = Mutex::new(Some(Held {
            len,
            steps: Vec::new(),
        }));
        Ok(Self(Arc::new(Shared { backend, held })))
    }

    /// Shows redb nothing, so that it begins anew: for what an interrupted creation left.
    pub(crate) fn start_over(&self) {
        if let Some(held) = &mut *self.held() {
            held.len = 0;
            held.steps = vec![Step::SetLen(0)];
        }
    }

    pub(crate) fn marks(&self) -> io::Result<Marks> {
        let len = self.0.backend.len()?;
        let mut best = None;
        for slot in 0..2 {
            let mut bytes = [0; MARK_SIZE];
            let start = slot * MARK_SPACE;
            if start + MARK_SIZE as u64 <= len {
                self.0.backend.read(start, &mut bytes)?;
            } else if start < len {
                let cut = usize::try_from(len - start).unwrap_or(MARK_SIZE);
                self.0.backend.read(start, &mut bytes[..cut])?;
            }
            best = best.max(read_mark(&bytes).filter(|mark| mark % 2 == slot));
        }
        Ok(best.map_or(Marks::Missing, Marks::At))
    }

    /// Notes durably that `commits` commits are acknowledged.
    pub(crate) fn mark(&self, commits: u64) -> io::Result<()> {
        self.0
            .backend
            .write(commits % 2 * MARK_SPACE, &write_mark(commits))?;
        self.0.backend.sync_data()
    }

    /// Lets the writes of the examination through, with the syncs between them, and all later ones directly.
    pub(crate) fn release(&self) -> io::Result<()> {
        let mut held = self.held();
        let Some(Held { steps, .. }) = held.take() else {
            return Ok(());
        };
        for step in steps {
            match step {
                Step::Write { offset, data } => self.0.backend.write(offset + FRONT, &data)?,
                Step::SetLen(len) => self.0.backend.set_len(len + FRONT)?,
                Step::Sync => self.0.backend.sync_data()?,
            }
        }
        Ok(())
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Fills `out` as if the steps had been taken.
    fn read(&self, backend: &dyn StorageBackend, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let end = offset + out.len() as u64;
        if end > self.len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        out.fill(0);
        let stored = backend.len()?.saturating_sub(FRONT);
        // A shortened file reads as zeroes behind its cut, even if it grew again later.
        let shortest = self.steps.iter().fold(stored, |shortest, step| match step {
            Step::SetLen(len) => shortest.min(*len),
            Step::Write { .. } | Step::Sync => shortest,
        });
        let readable = shortest.clamp(offset, end) - offset;
        let readable = usize::try_from(readable).unwrap_or(out.len());
        if readable > 0 {
            backend.read(offset + FRONT, &mut out[..readable])?;
        }
        for step in &self.steps {
            let Step::Write { offset: at, data } = step else {
                continue;
            };
            let from = offset.max(*at);
            let to = end.min(at + data.len() as u64);
            if from < to {
                let place = |position: u64, base: u64| {
                    usize::try_from(position - base).unwrap_or(usize::MAX)
                };
                out[place(from, offset)..place(to, offset)]
                    .copy_from_slice(&data[place(from, *at)..place(to, *at)]);
            }
        }
        Ok(())
    }
}

impl StorageBackend for Marked {
    fn len(&self) -> io::Result<u64> {
        match &*self.held() {
            Some(held) => Ok(held.len),
            None => Ok(self.0.backend.len()?.saturating_sub(FRONT)),
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match &*self.held() {
            Some(held) => held.read(&*self.0.backend, offset, out),
            None => self.0.backend.read(offset + FRONT, out),
        }
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        match &mut *self.held() {
            Some(held) => {
                held.len = len;
                held.steps.push(Step::SetLen(len));
                Ok(())
            }
            None => self.0.backend.set_len(len + FRONT),
        }
    }

    fn sync_data(&self) -> io::Result<()> {
        match &mut *self.held() {
            Some(held) => {
                held.steps.push(Step::Sync);
                Ok(())
            }
            None => self.0.backend.sync_data(),
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        match &mut *self.held() {
            Some(held) => {
                held.len = held.len.max(offset + data.len() as u64);
                held.steps.push(Step::Write {
                    offset,
                    data: data.to_vec(),
                });
                Ok(())
            }
            None => self.0.backend.write(offset + FRONT, data),
        }
    }

    fn close(&self) -> io::Result<()> {
        self.0.backend.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.backend.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.0.backend.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.backend.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.backend.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.backend.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.backend.query_lock_range(start, end)
    }
}

fn write_mark(commits: u64) -> [u8; MARK_SIZE] {
    let mut bytes = [0; MARK_SIZE];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..16].copy_from_slice(&commits.to_le_bytes());
    let checksum = crc32fast::hash(&bytes[..16]);
    bytes[16..].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

fn read_mark(bytes: &[u8; MARK_SIZE]) -> Option<u64> {
    let (head, checksum) = bytes.split_at(16);
    let intact = head.starts_with(MAGIC) && crc32fast::hash(head).to_le_bytes() == checksum;
    let commits = head.get(8..)?.try_into().ok()?;
    intact.then(|| u64::from_le_bytes(commits))
}
