//! Where blocking work runs: never on the threads that serve requests.

use std::sync::mpsc;
use std::thread;

use futures_util::FutureExt;
use hm_ports::BoxFuture;
use tokio::sync::oneshot;

/// One piece of blocking work.
pub type Job = Box<dyn FnOnce() + Send>;

/// Runs blocking jobs. The simulation's awaits a virtual stall and then runs the job in place.
pub trait Disk: Send + Sync + 'static {
    /// Resolves when the job has run. A job whose future was dropped may still run, or not at all.
    fn run(&self, job: Job) -> BoxFuture<()>;
}

/// Production's disk: one named thread with a queue, so that jobs never compete for the file.
pub struct ThreadDisk {
    queue: mpsc::Sender<(Job, oneshot::Sender<()>)>,
}

#[derive(Debug, thiserror::Error)]
#[error("cannot start the disk thread")]
pub struct StartDiskError {
    #[source]
    source: std::io::Error,
}

impl ThreadDisk {
    /// The thread ends when the last handle is gone and the queue is empty.
    pub fn start() -> Result<Self, StartDiskError> {
        let (queue, jobs) = mpsc::channel::<(Job, oneshot::Sender<()>)>();
        thread::Builder::new()
            .name("raft-disk".to_owned())
            .spawn(move || {
                for (job, done) in jobs {
                    job();
                    // Nobody may wait any more; the job still had to run.
                    let _ = done.send(());
                }
            })
            .map_err(|source| StartDiskError { source })?;
        Ok(Self { queue })
    }
}

impl Disk for ThreadDisk {
    fn run(&self, job: Job) -> BoxFuture<()> {
        let (done, finished) = oneshot::channel();
        // If the thread is gone the job is dropped with its reply channel, which the caller notices.
        let _ = self.queue.send((job, done));
        async move {
            let _ = finished.await;
        }
        .boxed()
    }
}

/// Runs a job with a result; `None` when the disk dropped it or the job panicked.
pub(crate) async fn run<T: Send + 'static>(
    disk: &dyn Disk,
    job: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (reply, result) = oneshot::channel();
    disk.run(Box::new(move || {
        let _ = reply.send(job());
    }))
    .await;
    result.await.ok()
}
