//! What the load asks for: requests of a chat product, each a hold and its settlement.
//!
//! Ids are made here, as a door would make them: time-ordered, and in order within one process.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use units::{Amount, Cost, HoldId, Instant};
use uuid::{Builder, Uuid};

/// Nanodollars for a token, as attodollars: $0.15, $0.0375 and $0.60 for a million. The second leaves a
/// remainder below a nanodollar, which every charge then has to carry.
const INPUT: i128 = 150_000_000_000;
const CACHED: i128 = 37_500_000_000;
const OUTPUT: i128 = 600_000_000_000;

const MODELS: [&str; 4] = ["gpt-5-mini", "claude-sonnet-4.5", "gemini-2.5-flash", "qwen3-coder"];

/// Who asks: the wallet at index 0 is the hot one, the others are spread over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// All requests of one wallet.
    Hot,
    /// Requests of this many wallets, each as likely as the other.
    Spread(usize),
}

/// One request: what it holds, and what it turns out to cost.
pub struct Request {
    /// Which caller makes it, counted from 0.
    pub caller: usize,
    /// Whose: an index into the wallets of the run.
    pub wallet: usize,
    /// Its hold, and so its charge.
    pub hold: HoldId,
    /// Its id at the door.
    pub id: Uuid,
    /// The model that it asks.
    pub model: &'static str,
    /// Prompt tokens, cached ones included.
    pub input: u64,
    /// Prompt tokens from a cache.
    pub cached: u64,
    /// Completion tokens.
    pub output: u64,
}

impl Request {
    /// What a door holds for it: the worst case.
    pub const fn wanted(&self) -> Amount {
        Amount::from_nanos(5_000_000)
    }

    /// What it costs, exactly.
    pub fn cost(&self) -> Cost {
        let fresh = i128::from(self.input - self.cached);
        Cost::from_attos(fresh * INPUT + i128::from(self.cached) * CACHED + i128::from(self.output) * OUTPUT)
    }
}

/// The requests of one caller, one after the other; the same for the same seed.
pub struct Requests {
    caller: usize,
    shape: Shape,
    random: u64,
}

impl Requests {
    /// For a caller and a round.
    pub const fn new(caller: usize, round: u64, shape: Shape) -> Self {
        Self { caller, shape, random: (round << 32) ^ caller as u64 }
    }

    /// The next one.
    pub fn next(&mut self) -> Request {
        let random = self.random();
        let input = 200 + (random >> 8) % 4000;
        Request {
            caller: self.caller,
            wallet: match self.shape {
                Shape::Hot => 0,
                Shape::Spread(wallets) => 1 + (random >> 32) as usize % wallets,
            },
            hold: HoldId::from_uuid(new_id()),
            id: new_id(),
            model: MODELS[random as usize % MODELS.len()],
            input,
            cached: input / 3,
            output: 10 + (random >> 20) % 900,
        }
    }

    /// SplitMix64: spread well enough, and next to nothing beside what is measured.
    const fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// The time, as a door reads it.
pub fn now() -> Instant {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Instant::from_micros(since.as_micros() as i64)
}

/// A UUID of version 7: the time, then a counter.
pub fn new_id() -> Uuid {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let mut rest = [0; 10];
    rest[2..].copy_from_slice(&count.to_be_bytes());
    Builder::from_unix_timestamp_millis((now().micros() / 1000) as u64, &rest).into_uuid()
}

/// The id of a wallet of the run, or of its holder: ordered by their index, as if they had signed up one by one.
pub fn id_of(index: usize, kind: u16) -> Uuid {
    let mut rest = [0; 10];
    rest[..2].copy_from_slice(&kind.to_be_bytes());
    rest[2..].copy_from_slice(&(index as u64).to_be_bytes());
    Builder::from_unix_timestamp_millis(1_700_000_000_000 + index as u64, &rest).into_uuid()
}
