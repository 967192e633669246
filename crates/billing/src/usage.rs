//! What one request used, as the provider reported it.
//!
//! How lies and gaps in reports are read stands in `usage/count.rs`, the one place that decides it.

mod count;

mod openai;
pub use openai::read_openai;

mod anthropic;
pub use anthropic::{AnthropicCounters, read_anthropic};

use serde::{Deserialize, Serialize};
use units::Cost;

/// Tokens of one request in one shape for all providers.
///
/// `input` counts every prompt token once; `cache_read`, `cache_write` and `cache_write_1h` say which
/// of them were served from or written to a cache. OpenAI's `prompt_tokens` already includes the cached
/// ones; Anthropic's `input_tokens` does not, and is added up where it is read. `output` includes
/// `reasoning`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// All prompt tokens, cached ones included.
    pub input: u64,
    /// Prompt tokens read from a cache.
    pub cache_read: u64,
    /// Prompt tokens written to a cache of the ordinary lifetime (five minutes).
    pub cache_write: u64,
    /// Prompt tokens written to a cache of one hour.
    pub cache_write_1h: u64,
    /// All completion tokens, reasoning included.
    pub output: u64,
    /// Completion tokens spent on reasoning.
    pub reasoning: u64,
    /// What the provider says this request cost, where it says so. It decides over the price list.
    pub reported_cost: Option<Cost>,
    /// Whether the gateway counted the tokens itself, because the provider reported none.
    pub estimated: bool,
}
