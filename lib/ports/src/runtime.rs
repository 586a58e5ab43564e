//! Containers: what a container runtime does for a node.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use hm_model::{AbsolutePath, Access, PinnedImage, Resources, StopSignal, Timestamp};
use tokio::sync::mpsc;

use crate::BoxFuture;

/// A container runtime, seen by one node: everything here is about this node's own containers and nobody else's.
pub trait Runtime: Send + Sync + 'static {
    /// Every container of this node that the runtime holds, whatever it does.
    fn list(&self) -> BoxFuture<Result<Vec<FoundContainer>, RuntimeError>>;

    /// Makes a container and starts its process. What is left of an earlier one with this id is removed first, unless it
    /// still runs. When this fails, nothing of the new one is left.
    fn start(&self, order: Box<ContainerOrder>) -> BoxFuture<Result<Started, RuntimeError>>;

    /// Asks the main process of a container to end. Done, too, if it is gone already.
    fn signal(&self, id: ContainerId, signal: StopSignal) -> BoxFuture<Result<(), RuntimeError>>;

    /// Kills what still runs of a container and removes it with its file system. Done, too, if there is none.
    fn remove(&self, id: ContainerId) -> BoxFuture<Result<(), RuntimeError>>;

    /// What happens from now on. The channel ends when the runtime is lost: then subscribe and list anew, because what
    /// happened in between is not told.
    fn events(&self) -> BoxFuture<Result<mpsc::Receiver<ContainerEvent>, RuntimeError>>;
}

/// The id of a container: up to 64 of `a-z`, `0-9`, `-` and `.`, unique on the node.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ContainerId(pub String);

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Everything a container is made from.
#[derive(Clone, Debug)]
pub struct ContainerOrder {
    pub id: ContainerId,
    /// Kept with the container and told again by `list`. Keys are bare words; values are short.
    pub labels: BTreeMap<String, String>,
    pub image: PinnedImage,
    pub hostname: String,
    /// Replaces the image's entry point, unless empty.
    pub command: Vec<String>,
    /// Replaces the image's arguments, unless empty. With a command of our own the image's arguments do not apply.
    pub args: Vec<String>,
    /// Added to the image's, replacing those of the same name.
    pub environment: BTreeMap<String, String>,
    pub workdir: Option<AbsolutePath>,
    /// `user`, `uid`, `user:group`, `uid:gid`; looked up in the image's own files. The image's if not given.
    pub user: Option<String>,
    pub root: Access,
    pub mounts: Vec<BindMount>,
    pub tmpfs: Vec<TmpfsMount>,
    pub resources: Resources,
    pub pids_limit: Option<u32>,
    /// By name as in `ulimit`'s manual: `nofile`, `memlock`, ...
    pub ulimits: BTreeMap<String, Ulimit>,
    /// Capabilities beyond the usual ones, and those to do without: `NET_ADMIN`, `SYS_TIME`.
    pub add_capabilities: Vec<String>,
    pub drop_capabilities: Vec<String>,
    /// The network namespace to run in, pinned as a file.
    pub network_namespace: PathBuf,
    /// Where its log is written: a directory that exists.
    pub log: PathBuf,
}

/// A directory or file of the node in the container.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BindMount {
    pub source: PathBuf,
    pub target: AbsolutePath,
    pub access: Access,
}

/// A file system in memory.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TmpfsMount {
    pub target: AbsolutePath,
    pub size: hm_model::Bytes,
}

/// A soft and a hard limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ulimit {
    pub soft: u64,
    pub hard: u64,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Started {
    pub pid: u32,
    pub at: Timestamp,
    /// The signal the image wants to be stopped with, if it names one.
    pub stop_signal: Option<StopSignal>,
}

/// A container that the runtime holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FoundContainer {
    pub id: ContainerId,
    pub labels: BTreeMap<String, String>,
    pub state: ContainerState,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ContainerState {
    Running(Started),
    /// Its process has ended, or was never started (a crash in between): `None` if nothing is known of how.
    Stopped(Option<Exit>),
}

/// How the process of a container ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Exit {
    pub how: Ended,
    pub at: Timestamp,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ended {
    Code(i32),
    Signal(i32),
    /// The kernel killed it because it used more memory than its limit.
    OutOfMemory,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ContainerEvent {
    Exited { id: ContainerId, exit: Exit },
}

/// Why the runtime did not do it, for people and for deciding whether to try again.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RuntimeError {
    /// Trying again later may help.
    #[error("the container runtime does not answer: {reason}")]
    Unavailable { reason: String },
    #[error("the image is not complete on this node: {reason}")]
    ImageIncomplete { reason: String },
    /// The order itself is wrong: no such program in the image, no such user, a mount that cannot be made.
    #[error("{reason}")]
    CannotStart { reason: String },
    #[error("container {id} is running")]
    Running { id: ContainerId },
    #[error("{reason}")]
    Failed { reason: String },
}
