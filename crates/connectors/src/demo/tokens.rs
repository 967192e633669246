//! The demo's own rule of counting tokens, and the counts of one call.

use serde::Serialize;

/// What a call used, by the demo's own count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tokens {
    /// All prompt tokens, cached ones included.
    pub prompt: u64,
    /// Prompt tokens read from a cache.
    pub cached: u64,
    /// Prompt tokens written to a cache.
    pub cache_write: u64,
    /// All completion tokens, reasoning included.
    pub completion: u64,
    /// Completion tokens spent on reasoning.
    pub reasoning: u64,
}

/// Bytes of UTF-8 that one token stands for.
pub(super) const BYTES_PER_TOKEN: usize = 4;

/// What a message costs beyond its text.
pub(super) const PER_MESSAGE: u64 = 3;

/// Tokens of a text of that many bytes.
pub(super) fn of_bytes(bytes: usize) -> u64 {
    bytes.div_ceil(BYTES_PER_TOKEN) as u64
}
