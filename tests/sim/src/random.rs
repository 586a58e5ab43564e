//! The one source of chance of a run: everything else is drawn from it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hm_ports::Random;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

/// Chance, seeded. Clones share one stream, so that the order of draws is part of the run.
#[derive(Clone)]
pub(crate) struct Chance(Arc<Mutex<StdRng>>);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// True this often of a thousand times.
    pub(crate) fn per_mille(&self, often: u32) -> bool {
        self.below(1000) < u64::from(often)
    }

    pub(crate) fn below(&self, bound: u64) -> u64 {
        self.draw(|rng| rng.random_range(0..bound.max(1)))
    }

    pub(crate) fn between(&self, least: Duration, most: Duration) -> Duration {
        let span = most.saturating_sub(least).as_micros() as u64;
        least + Duration::from_micros(self.below(span + 1))
    }

    pub(crate) fn pick<'a, T>(&self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() {
            None
        } else {
            from.get(self.below(from.len() as u64) as usize)
        }
    }

    fn draw<R>(&self, draw: impl FnOnce(&mut StdRng) -> R) -> R {
        draw(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Random for Chance {
    fn fill(&self, buffer: &mut [u8]) {
        self.draw(|rng| rng.fill_bytes(buffer));
    }
}
