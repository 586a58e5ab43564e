//! What went in and out, and why something was dropped.

/// Why a datagram was not used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Drop {
    Malformed,
    Version,
    Key,
    Replayed,
    Stale,
    Foreign,
}

/// Counters since the start. A datagram is counted with 28 bytes of IP and UDP headers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Statistics {
    pub datagrams_in: u64,
    pub datagrams_out: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub dropped: Dropped,
    /// How often this node was paused or late, as its own timers tell.
    pub late: u64,
}

/// Datagrams that came in and were not used.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Dropped {
    /// Too short, or not what our codec writes.
    pub malformed: u64,
    /// From a newer (or much older) version.
    pub version: u64,
    /// Under a key that is not ours, or damaged.
    pub key: u64,
    /// Seen before, or far too late.
    pub replayed: u64,
    /// From an earlier run of a node that has restarted.
    pub stale: u64,
    /// Meant for another node, or from one that claims to be this one.
    pub foreign: u64,
}

const HEADERS: u64 = 28;

impl Statistics {
    pub(crate) fn count_in(&mut self, length: usize) {
        self.datagrams_in += 1;
        self.bytes_in += length as u64 + HEADERS;
    }

    pub(crate) fn count_out(&mut self, length: usize) {
        self.datagrams_out += 1;
        self.bytes_out += length as u64 + HEADERS;
    }

    pub(crate) fn count_drop(&mut self, why: Drop) {
        let counter = match why {
            Drop::Malformed => &mut self.dropped.malformed,
            Drop::Version => &mut self.dropped.version,
            Drop::Key => &mut self.dropped.key,
            Drop::Replayed => &mut self.dropped.replayed,
            Drop::Stale => &mut self.dropped.stale,
            Drop::Foreign => &mut self.dropped.foreign,
        };
        *counter += 1;
    }
}
