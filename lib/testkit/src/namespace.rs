//! A network namespace that lasts as long as its guard: one node's machine, as far as the network goes.

use std::ffi::OsString;
use std::fs::File;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::owner::Owner;
use crate::{KitError, Run, sweep};

/// Where iproute2 keeps named namespaces.
pub(crate) const FOLDER: &str = "/run/netns";

/// A namespace with its loopback up. Dropping it kills what still lives inside and removes it.
#[derive(Debug)]
pub struct Namespace {
    name: String,
}

impl Namespace {
    /// Needs root.
    pub fn new() -> Result<Self, KitError> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        sweep::leftovers();
        let owner = Owner::me().ok_or_else(|| KitError::File {
            action: "read",
            path: "/proc/self/stat".into(),
            source: std::io::ErrorKind::InvalidData.into(),
        })?;
        let name = format!("{owner}-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        Run::new("ip").args(["netns", "add", &name]).ok()?;
        let namespace = Self { name };
        namespace.ip(&["link", "set", "lo", "up"])?;
        Ok(namespace)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn path(&self) -> PathBuf {
        Path::new(FOLDER).join(&self.name)
    }

    /// `ip` in this namespace.
    pub fn ip(&self, arguments: &[&str]) -> Result<String, KitError> {
        let run = Run::new("ip").args(["-n", &self.name]).args(arguments);
        Ok(run.ok()?.stdout)
    }

    /// Loads an nftables script in this namespace.
    pub fn nft(&self, script: &str) -> Result<(), KitError> {
        let run = Run::new("nft").args(["-f", "-"]).stdin(script).inside(self);
        run.ok().map(drop)
    }

    /// Does something inside, on a thread of its own: the sockets it opens belong to this namespace for good.
    pub fn enter<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, KitError> {
        let door = File::open(self.path()).map_err(KitError::file("open", self.path()))?;
        thread::scope(|scope| {
            let inside = scope.spawn(move || {
                move_into_link_name_space(door.as_fd(), Some(LinkNameSpaceType::Network))?;
                Ok(work())
            });
            let done = inside
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            done.map_err(KitError::file("enter", self.path()))
        })
    }

    /// The argument that makes `nsenter` come in.
    pub(crate) fn door(&self) -> OsString {
        let mut argument = OsString::from("--net=");
        argument.push(self.path());
        argument
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        sweep::remove(&self.name);
    }
}

#[cfg(test)]
mod tests;
