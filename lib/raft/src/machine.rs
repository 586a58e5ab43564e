//! The replicated state machine as raft sees it: bytes in, bytes out.

use bytes::Bytes;

/// What agreed entries are applied to. The server implements it over the replicated state.
pub trait Machine: Send + 'static {
    /// Applies one entry; a refusal is a reply. `index` counts the entries ever applied, from 1, without gaps.
    ///
    /// An error means that this build cannot know what the entry does. The server then stops: to go on without it would be
    /// another state than the others have.
    fn apply(&mut self, index: u64, entry: &[u8]) -> Result<Bytes, ApplyError>;

    /// A view of the state as it is now, for a snapshot. Costs next to nothing: a clone of a persistent map.
    fn freeze(&self) -> Box<dyn Frozen>;

    /// Replaces the state by a snapshot taken after entry `index`.
    fn restore(
        &mut self,
        index: u64,
        chunks: &mut dyn Iterator<Item = Bytes>,
    ) -> Result<(), RestoreError>;
}

/// A frozen state that is written out piece by piece.
pub trait Frozen: Send {
    /// The next piece, about 256 KiB; `None` at the end. Called from the disk runner.
    fn next_chunk(&mut self) -> Option<Bytes>;
}

/// An entry that this build does not understand.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("entry {index} cannot be applied: {reason}")]
pub struct ApplyError {
    pub index: u64,
    pub reason: String,
}

/// Why a snapshot cannot become the state: its bytes are intact (they were checked), their meaning is not.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RestoreError {
    #[error(
        "the snapshot has format {found}, this version reads up to {known}: start a newer version of Hivemind"
    )]
    NewerFormat { found: u32, known: u32 },
    #[error("the snapshot's chunk {chunk} cannot be read: {reason}")]
    Malformed { chunk: u64, reason: String },
}
