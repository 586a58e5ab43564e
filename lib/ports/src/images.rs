//! Images: where they come from, and where a node keeps them.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use hm_model::{Digest, ImageReference, PinnedImage, Timestamp};
use tokio::sync::mpsc;

use crate::BoxFuture;

/// Registries: what a reference means now, and the bytes behind it.
pub trait Registry: Send + Sync + 'static {
    /// The digest of the manifest or index that the reference names at this moment.
    fn resolve(&self, image: ImageReference) -> BoxFuture<Result<Digest, ImageError>>;

    /// Brings everything that this machine needs of an image into the store: index, manifest, config and layers. Says how
    /// far it is, if anybody listens; a full channel loses news, never bytes.
    fn fetch(
        &self,
        image: PinnedImage,
        into: Arc<dyn Ingest>,
        progress: mpsc::Sender<PullProgress>,
    ) -> BoxFuture<Result<(), ImageError>>;
}

/// The images of this node.
pub trait ImageStore: Send + Sync + 'static {
    /// What a reference means on this node, without asking anybody. Only images that are complete.
    fn find(&self, image: ImageReference) -> BoxFuture<Result<Option<StoredImage>, ImageError>>;

    fn list(&self) -> BoxFuture<Result<Vec<StoredImage>, ImageError>>;

    /// Begins to bring an image in. Nothing that is brought in is collected as garbage while the ingest lives.
    fn begin(&self, image: PinnedImage) -> BoxFuture<Result<Arc<dyn Ingest>, ImageError>>;

    /// Forgets the name; what no other image or container needs is collected. Answers whether there was one.
    fn remove(&self, image: ImageReference) -> BoxFuture<Result<bool, ImageError>>;
}

/// One image on its way in. Several blobs may be written at the same time.
pub trait Ingest: Send + Sync + 'static {
    /// Whether the whole blob is here already.
    fn has(&self, digest: Digest) -> BoxFuture<Result<bool, ImageError>>;

    /// A small blob: a manifest or a config.
    fn read(&self, digest: Digest) -> BoxFuture<Result<Bytes, ImageError>>;

    /// Opens a blob for writing. What an earlier try wrote of it is kept: go on at `BlobWriter::offset`.
    fn write(&self, blob: Blob) -> BoxFuture<Result<Box<dyn BlobWriter>, ImageError>>;

    /// The image is all here: gives it its name, and unpacks it so that containers can start from it.
    fn finish(&self) -> BoxFuture<Result<StoredImage, ImageError>>;
}

pub trait BlobWriter: Send + 'static {
    /// How many bytes are here.
    fn offset(&self) -> u64;

    /// Throws away what is here and begins anew.
    fn restart(&mut self) -> futures_util::future::BoxFuture<'_, Result<(), ImageError>>;

    fn write(
        &mut self,
        bytes: Bytes,
    ) -> futures_util::future::BoxFuture<'_, Result<(), ImageError>>;

    /// Checks size and digest, and keeps the blob. A blob that is not what it should be is thrown away.
    fn commit(self: Box<Self>) -> BoxFuture<Result<(), ImageError>>;
}

/// A blob as a manifest describes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Blob {
    pub digest: Digest,
    pub size: u64,
    pub media_type: String,
    /// The blobs that this one names: they live as long as it does. For an index only the manifest that was chosen.
    pub children: Vec<Digest>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredImage {
    pub image: PinnedImage,
    /// Compressed, as registries count: everything of the image that is on this node.
    pub size: u64,
    pub created_at: Timestamp,
}

/// How far a layer is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PullProgress {
    pub layer: Digest,
    pub step: PullStep,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PullStep {
    Present,
    Downloading { done: u64, size: u64 },
    Downloaded,
    Unpacking,
}

/// Why there is no image, for people and for deciding whether to try again.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ImageError {
    #[error("there is no image `{image}`: the registry {registry} does not know it")]
    NotFound { image: String, registry: String },
    #[error("the registry {registry} cannot be reached: {reason}")]
    Unreachable { registry: String, reason: String },
    #[error("the registry {registry} does not allow to pull `{image}`: {reason}")]
    Unauthorized {
        image: String,
        registry: String,
        reason: String,
    },
    #[error("`{image}` is not made for this machine ({wanted}); there is {}", offered.join(", "))]
    WrongPlatform {
        image: String,
        wanted: String,
        offered: Vec<String>,
    },
    #[error("the disk of the image store is full: {reason}")]
    DiskFull { reason: String },
    #[error("{digest} of `{image}` is damaged: {reason}")]
    BadDigest {
        image: String,
        digest: String,
        reason: String,
    },
    /// What the registry sent makes no sense to us.
    #[error("`{image}` cannot be used: {reason}")]
    Unusable { image: String, reason: String },
    #[error("{} cannot be read: {reason}", file.display())]
    Credentials { file: PathBuf, reason: String },
    #[error("the image store does not answer: {reason}")]
    StoreUnavailable { reason: String },
}

impl ImageError {
    /// The same for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "image_not_found",
            Self::Unreachable { .. } => "registry_unreachable",
            Self::Unauthorized { .. } => "image_unauthorized",
            Self::WrongPlatform { .. } => "image_wrong_platform",
            Self::DiskFull { .. } => "disk_full",
            Self::BadDigest { .. } => "image_damaged",
            Self::Unusable { .. } => "image_unusable",
            Self::Credentials { .. } => "credentials_unreadable",
            Self::StoreUnavailable { .. } => "image_store_unavailable",
        }
    }

    /// Whether the same try may succeed a little later without anybody doing anything.
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::DiskFull { .. }
            | Self::BadDigest { .. }
            | Self::StoreUnavailable { .. } => true,
            Self::NotFound { .. }
            | Self::Unauthorized { .. }
            | Self::WrongPlatform { .. }
            | Self::Unusable { .. }
            | Self::Credentials { .. } => false,
        }
    }
}
