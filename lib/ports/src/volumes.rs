//! Directories and files of the node that containers see.

use std::collections::BTreeMap;
use std::path::PathBuf;

use hm_model::ObjectKey;

use crate::BoxFuture;

/// Volumes outlive replicas; a replica's own directory goes with it.
pub trait Volumes: Send + Sync + 'static {
    /// The directory of a volume that lives on this node, made if it is not there.
    fn open(&self, volume: ObjectKey) -> BoxFuture<Result<PathBuf, VolumeError>>;

    /// The volumes whose content is on this node.
    fn list(&self) -> BoxFuture<Result<Vec<ObjectKey>, VolumeError>>;

    /// Removes a volume with its content. Done, too, if there is none.
    fn remove(&self, volume: ObjectKey) -> BoxFuture<Result<(), VolumeError>>;

    /// Writes small files for a replica (`hosts`, `resolv.conf`, ...) and answers their directory.
    fn write_files(
        &self,
        replica: String,
        files: BTreeMap<String, String>,
    ) -> BoxFuture<Result<PathBuf, VolumeError>>;

    /// The directory of a container's log, made if it is not there.
    fn log_directory(
        &self,
        replica: String,
        container: String,
    ) -> BoxFuture<Result<PathBuf, VolumeError>>;

    /// The replicas that have files or logs on this node.
    fn replicas(&self) -> BoxFuture<Result<Vec<String>, VolumeError>>;

    /// Removes the files and logs of a replica.
    fn forget(&self, replica: String) -> BoxFuture<Result<(), VolumeError>>;
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct VolumeError {
    pub path: PathBuf,
    pub reason: String,
}
