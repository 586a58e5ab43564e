//! Wall-clock time and randomness.

/// The wall clock. It may jump; whatever must not go backwards is guarded where it is used.
pub trait Clock: Send + Sync + 'static {
    /// Microseconds since the Unix epoch.
    fn now_micros(&self) -> i64;
}

/// A source of randomness fit for keys (the simulation's is seeded).
pub trait Random: Send + Sync + 'static {
    fn fill(&self, buffer: &mut [u8]);

    fn next_u64(&self) -> u64 {
        let mut bytes = [0u8; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}
