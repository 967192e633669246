//! Chance from a seed that is printed, so that the same requests and moments can be had again.

use std::time::{SystemTime, UNIX_EPOCH};

/// A stream of numbers (SplitMix64).
pub struct Dice(u64);

impl Dice {
    /// The same numbers for the same seed and place.
    pub fn new(seed: u64, place: u64) -> Self {
        let mut dice = Self(seed ^ place.wrapping_mul(0xd134_2543_de82_ef95));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.between(0, list.len() as u64 - 1) as usize]
    }
}

/// The seed of this run: that of `TARE_TEST_SEED`, or a new one. It is printed.
pub fn seed() -> u64 {
    let given = std::env::var("TARE_TEST_SEED").ok();
    let fresh = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().into();
    let seed = given.map_or_else(fresh, |text| text.parse().expect("TARE_TEST_SEED is a number"));
    println!("seed {seed}; TARE_TEST_SEED={seed} gives the same again");
    seed
}
