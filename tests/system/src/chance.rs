//! Choices that differ from run to run: real processes cannot be replayed anyway, so every run tries other moments.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// A source of choices.
#[derive(Debug)]
pub struct Chance(u64);

impl Default for Chance {
    fn default() -> Self {
        // Xorshift stands still on 0.
        Self(RandomState::new().build_hasher().finish() | 1)
    }
}

impl Chance {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    pub fn index(&mut self, length: usize) -> usize {
        let choice = self.below(length as u64);
        usize::try_from(choice).expect("it is below a usize")
    }

    /// Lets an arbitrary time pass. The moment is the point, not what happens until then.
    pub fn linger(&mut self, at_most: Duration) {
        let micros = u64::try_from(at_most.as_micros()).expect("a short time");
        std::thread::sleep(Duration::from_micros(self.below(micros)));
    }
}
