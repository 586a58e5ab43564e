//! For tests and simulations: a disk in memory that keeps what was synced and loses, at a crash, some of the rest.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use hm_ports::BoxFuture;
use rand08::rngs::StdRng;
use rand08::{Rng, SeedableRng};
use redb::StorageBackend;

use crate::disk::{Disk, Job};

/// What a device writes at once.
const SECTOR: usize = 512;

/// A medium that outlives the process that uses it. Clones are the same medium.
#[derive(Clone, Default)]
pub struct Medium(Arc<Mutex<Image>>);

#[derive(Default)]
struct Image {
    /// What a crash cannot take.
    synced: Vec<u8>,
    /// What the process sees.
    current: Vec<u8>,
    unsynced: Vec<Change>,
    /// Counts the crashes: a process that crashed can do nothing any more.
    life: u64,
    /// How many more changes are let through, if the power is to fail in the middle of something.
    power: Option<u64>,
    activity: Activity,
}

enum Change {
    Write { offset: usize, data: Vec<u8> },
    SetLen(usize),
}

/// What was done to a medium since it was made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Activity {
    pub writes: u64,
    pub bytes: u64,
    pub syncs: u64,
}

impl Medium {
    pub fn new() -> Self {
        Self::default()
    }

    /// A medium with these bytes.
    pub fn with_bytes(bytes: Vec<u8>) -> Self {
        let medium = Self::new();
        let mut image = medium.image();
        image.synced.clone_from(&bytes);
        image.current = bytes;
        drop(image);
        medium
    }

    /// What the process sees now.
    pub fn bytes(&self) -> Vec<u8> {
        self.image().current.clone()
    }

    pub fn activity(&self) -> Activity {
        self.image().activity
    }

    /// A process's way to the medium, until the next crash.
    pub fn attach(&self) -> impl StorageBackend {
        Attached {
            life: self.image().life,
            medium: self.clone(),
        }
    }

    /// Lets so many more writes, resizes and syncs happen; then everything fails, until `crash` makes an end of it.
    pub fn fail_after(&self, changes: u64) {
        self.image().power = Some(changes);
    }

    /// The power fails: of what was not synced a part is kept, chosen by `seed`; writes may be torn within and between sectors.
    pub fn crash(&self, seed: u64) {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut image = self.image();
        image.life += 1;
        image.power = None;
        let mut kept = std::mem::take(&mut image.synced);
        for change in std::mem::take(&mut image.unsynced) {
            match change {
                Change::SetLen(len) if rng.gen_bool(0.5) => kept.resize(len, 0),
                Change::SetLen(_) => {}
                Change::Write { offset, data } => keep_some(&mut kept, offset, &data, &mut rng),
            }
        }
        image.current.clone_from(&kept);
        image.synced = kept;
    }

    fn image(&self) -> MutexGuard<'_, Image> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whole, not at all, cut off somewhere, or in random sectors.
fn keep_some(kept: &mut Vec<u8>, offset: usize, data: &[u8], rng: &mut StdRng) {
    match rng.gen_range(0..4) {
        0 => write(kept, offset, data),
        1 => {}
        2 => write(kept, offset, &data[..rng.gen_range(0..=data.len())]),
        _ => {
            for (number, sector) in data.chunks(SECTOR).enumerate() {
                if rng.gen_bool(0.5) {
                    write(kept, offset + number * SECTOR, sector);
                }
            }
        }
    }
}

fn write(bytes: &mut Vec<u8>, offset: usize, data: &[u8]) {
    let end = offset + data.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[offset..end].copy_from_slice(data);
}

impl fmt::Debug for Medium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Medium")
            .field("len", &self.image().current.len())
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Attached {
    medium: Medium,
    life: u64,
}

impl Attached {
    fn image(&self) -> io::Result<MutexGuard<'_, Image>> {
        let image = self.medium.image();
        if image.life == self.life {
            Ok(image)
        } else {
            Err(io::Error::other("the machine has crashed"))
        }
    }
}

impl Image {
    fn spend(&mut self) -> io::Result<()> {
        match &mut self.power {
            None => Ok(()),
            Some(0) => Err(io::Error::other("the power is failing")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
        }
    }
}

fn position(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(|_| io::ErrorKind::FileTooLarge.into())
}

impl StorageBackend for Attached {
    fn len(&self) -> io::Result<u64> {
        Ok(self.image()?.current.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let start = position(offset)?;
        let image = self.image()?;
        let found = image
            .current
            .get(start..start + out.len())
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(found);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let len = position(len)?;
        let mut image = self.image()?;
        image.spend()?;
        image.current.resize(len, 0);
        image.unsynced.push(Change::SetLen(len));
        image.activity.writes += 1;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut image = self.image()?;
        image.spend()?;
        let image = &mut *image;
        for change in image.unsynced.drain(..) {
            match change {
                Change::SetLen(len) => image.synced.resize(len, 0),
                Change::Write { offset, data } => write(&mut image.synced, offset, &data),
            }
        }
        image.activity.syncs += 1;
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let offset = position(offset)?;
        let mut image = self.image()?;
        image.spend()?;
        write(&mut image.current, offset, data);
        image.unsynced.push(Change::Write {
            offset,
            data: data.to_vec(),
        });
        image.activity.writes += 1;
        image.activity.bytes += data.len() as u64;
        Ok(())
    }
}

/// Runs every job in place, at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct InlineDisk;

impl Disk for InlineDisk {
    fn run(&self, job: Job) -> BoxFuture<()> {
        async move { job() }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_takes_only_what_was_not_synced() {
        let mut outcomes = std::collections::BTreeSet::new();
        for seed in 0..200 {
            let medium = Medium::new();
            let disk = medium.attach();
            disk.write(0, &[1; 2048]).unwrap();
            disk.sync_data().unwrap();
            disk.write(1024, &[2; 2048]).unwrap();
            medium.crash(seed);
            let bytes = medium.bytes();
            assert_eq!(bytes[..1024], [1; 1024]);
            assert!(bytes.iter().all(|byte| *byte < 3));
            outcomes.insert(bytes.iter().filter(|byte| **byte == 2).count());
            assert!(disk.write(0, &[3]).is_err(), "a crashed process is gone");
            assert!(medium.attach().len().unwrap() >= 2048);
        }
        assert!(
            outcomes.contains(&0) && outcomes.contains(&2048) && outcomes.len() > 10,
            "{outcomes:?}"
        );
    }
}
