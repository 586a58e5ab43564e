//! Waiting for something to become true: woken by what happens where the kernel can tell, else asking ever more slowly.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify;
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::KitError;

/// Between two questions, at most.
const SLOWEST: Duration = Duration::from_millis(20);

/// A moment by which something must have happened.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    within: Duration,
    end: Instant,
}

impl Deadline {
    pub fn after(within: Duration) -> Self {
        Self {
            within,
            end: Instant::now() + within,
        }
    }

    pub fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    pub fn is_over(&self) -> bool {
        self.left().is_zero()
    }

    pub(crate) fn missed(&self, what: impl Into<String>) -> KitError {
        KitError::TooLate {
            what: what.into(),
            within: self.within,
        }
    }

    /// Waits until this can be read, or until the time is over.
    fn poll_readable(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        let left = Timespec::try_from(self.left()).map_err(io::Error::other)?;
        match poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(&left)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Asks until there is an answer. `what` is the condition, for the error.
pub fn until<T>(
    what: &str,
    within: Duration,
    mut ask: impl FnMut() -> Option<T>,
) -> Result<T, KitError> {
    let deadline = Deadline::after(within);
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(answer) = ask() {
            return Ok(answer);
        }
        if deadline.is_over() {
            return Err(deadline.missed(what));
        }
        std::thread::sleep(pause.min(deadline.left()));
        pause = (pause * 2).min(SLOWEST);
    }
}

/// Waits for a file, woken by its folder, which must exist.
pub fn until_file(path: &Path, within: Duration) -> Result<(), KitError> {
    let deadline = Deadline::after(within);
    let folder = path.parent().unwrap_or(Path::new("."));
    let watch = || -> io::Result<_> {
        let watch = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)?;
        inotify::add_watch(
            &watch,
            folder,
            inotify::WatchFlags::CREATE | inotify::WatchFlags::MOVED_TO,
        )?;
        Ok(watch)
    };
    let watch = watch().map_err(KitError::file("watch", folder))?;
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut events = inotify::Reader::new(watch.as_fd(), &mut buffer);
    while !path.exists() {
        if deadline.is_over() {
            return Err(deadline.missed(format!("{} exists", path.display())));
        }
        deadline
            .poll_readable(watch.as_fd())
            .map_err(KitError::file("watch", folder))?;
        // What happened does not matter, the file's existence does.
        while events.next().is_ok() {}
    }
    Ok(())
}

/// Waits until someone listens on a unix socket.
pub fn until_listening(socket: &Path, within: Duration) -> Result<(), KitError> {
    let deadline = Deadline::after(within);
    until_file(socket, within)?;
    let what = format!("someone listens on {}", socket.display());
    until(&what, deadline.left(), || UnixStream::connect(socket).ok()).map(drop)
}

/// Waits for a child to end, and reaps it. `None` when it still runs at the end of the time.
pub fn until_exit(child: &mut Child, within: Duration) -> Result<Option<ExitStatus>, KitError> {
    let deadline = Deadline::after(within);
    let pid = child.id();
    let failed = |source| KitError::Signal { pid, source };
    let process = pidfd_open(Pid::from_child(child), PidfdFlags::empty())
        .map_err(|error| failed(error.into()))?;
    loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            return Ok(Some(status));
        }
        if deadline.is_over() {
            return Ok(None);
        }
        deadline.poll_readable(process.as_fd()).map_err(failed)?;
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::net::UnixListener;
    use std::process::Command;
    use std::thread;

    use super::*;
    use crate::TempHome;

    const SOON: Duration = Duration::from_secs(5);

    #[test]
    fn a_file_wakes_who_waits_for_it() {
        let home = TempHome::new().expect("a home");
        let path = home.run().join("ready");
        thread::scope(|scope| {
            let waiting = scope.spawn(|| until_file(&path, SOON));
            fs::write(&path, "").expect("a written file");
            waiting.join().expect("no panic").expect("in time");
        });
        let missing = until_file(&home.run().join("never"), Duration::from_millis(20))
            .expect_err("no such file");
        assert!(
            missing
                .to_string()
                .contains("never exists did not come true within 20ms"),
            "{missing}"
        );
    }

    #[test]
    fn a_socket_file_alone_is_not_a_listener() {
        let home = TempHome::new().expect("a home");
        let path = home.run().join("s");
        drop(UnixListener::bind(&path).expect("a socket"));
        until_listening(&path, Duration::from_millis(20)).expect_err("nobody listens");
        fs::remove_file(&path).expect("a removed file");
        let _listener = UnixListener::bind(&path).expect("a socket");
        until_listening(&path, SOON).expect("someone listens");
    }

    #[test]
    fn a_child_that_ends_is_reaped_and_one_that_does_not_is_left_alone() {
        let mut quick = Command::new("true").spawn().expect("true starts");
        assert!(
            until_exit(&mut quick, SOON)
                .expect("a wait")
                .expect("an end")
                .success()
        );
        let mut slow = Command::new("sleep")
            .arg("1000")
            .spawn()
            .expect("sleep starts");
        assert!(
            until_exit(&mut slow, Duration::from_millis(20))
                .expect("a wait")
                .is_none()
        );
        slow.kill().expect("a signal");
        assert!(until_exit(&mut slow, SOON).expect("a wait").is_some());
    }

    #[test]
    fn until_answers_or_names_what_it_waited_for() {
        let mut asked = 0;
        let answer = until("three", SOON, || {
            asked += 1;
            (asked == 3).then_some(asked)
        });
        assert_eq!(answer.expect("in time"), 3);
        let late =
            until("the moon falls", Duration::from_millis(5), || None::<()>).expect_err("never");
        assert_eq!(
            late.to_string(),
            "the moon falls did not come true within 5ms"
        );
    }
}
