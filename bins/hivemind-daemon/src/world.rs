//! The real world: the machine's clock, its randomness, its files.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::FutureExt;
use hm_agent::Keep;
use hm_node::LogPlace;
use hm_ports::{BoxFuture, Clock, Random};
use hm_raft::{Disk, Storage, StoreError};
use ring::rand::SecureRandom;

use crate::files::{self, Readers};

pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now_micros(&self) -> i64 {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            // A clock before 1970 is wrong, but no reason to fall over.
            Err(_) => 0,
        }
    }
}

pub(crate) struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) {
        ring::rand::SystemRandom::new()
            .fill(buffer)
            .expect("getrandom does not fail once the kernel has started; going on with guessable keys would be worse");
    }
}

/// The log as a file.
pub(crate) struct LogFile(pub(crate) PathBuf);

impl LogPlace for LogFile {
    fn exists(&self) -> io::Result<bool> {
        self.0.try_exists()
    }

    fn open(&self) -> Result<Storage, StoreError> {
        Storage::file(&self.0)
    }

    fn remove(&self) -> io::Result<()> {
        files::remove(&self.0)
    }
}

/// The agent's view as a file, written by the disk's thread.
pub(crate) struct ViewFile {
    pub(crate) path: PathBuf,
    pub(crate) disk: Arc<dyn Disk>,
}

impl ViewFile {
    fn on_disk<T: Send + 'static>(
        &self,
        job: impl FnOnce(PathBuf) -> io::Result<T> + Send + 'static,
    ) -> BoxFuture<io::Result<T>> {
        let result = Arc::new(Mutex::new(None));
        let (reply, path) = (result.clone(), self.path.clone());
        let done = self.disk.run(Box::new(move || {
            *reply.lock().unwrap_or_else(PoisonError::into_inner) = Some(job(path));
        }));
        async move {
            done.await;
            let answer = result.lock().unwrap_or_else(PoisonError::into_inner).take();
            answer.unwrap_or_else(|| Err(io::Error::other("the disk's thread has ended")))
        }
        .boxed()
    }
}

impl Keep for ViewFile {
    fn load(&self) -> BoxFuture<io::Result<Option<Bytes>>> {
        self.on_disk(|path| match std::fs::read(path) {
            Ok(content) => Ok(Some(Bytes::from(content))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
    }

    fn save(&self, record: Bytes) -> BoxFuture<io::Result<()>> {
        self.on_disk(move |path| files::try_replace(&path, &record, Readers::Owner))
    }
}
