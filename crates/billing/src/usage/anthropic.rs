//! The `usage` object of Anthropic's messages format, in one piece or spread over a stream.

use serde_json::Value;

use super::{Usage, count};

/// Reads the `usage` object of an answer that was not streamed. `None` when it does not report input and
/// output; then the gateway counts.
pub fn read_anthropic(usage: &Value) -> Option<Usage> {
    let mut counters = AnthropicCounters::default();
    counters.observe(usage);
    counters.usage()
}

/// The counters of one streamed answer: `message_start` brings the first, `message_delta` later ones.
///
/// They are cumulative, so of each counter the largest value counts and nothing is added up; a stream
/// that repeats its usage, or starts with zeros, comes out the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnthropicCounters {
    uncached: Option<u64>,
    cache_read: Option<u64>,
    cache_creation: Option<u64>,
    cache_creation_1h: Option<u64>,
    output: Option<u64>,
    thinking: Option<u64>,
}

impl AnthropicCounters {
    /// Takes in one `usage` object.
    pub fn observe(&mut self, usage: &Value) {
        let seen = |counter: &mut Option<u64>, new: Option<u64>| *counter = (*counter).max(new);
        seen(&mut self.uncached, count::tokens(usage, "input_tokens"));
        seen(&mut self.cache_read, count::tokens(usage, "cache_read_input_tokens"));
        seen(&mut self.output, count::tokens(usage, "output_tokens"));
        let details = usage.get("output_tokens_details");
        seen(&mut self.thinking, details.and_then(|details| count::tokens(details, "thinking_tokens")));
        let by_lifetime = usage.get("cache_creation");
        let written = |key| by_lifetime.and_then(|counts| count::tokens(counts, key));
        let (short, hour) = (written("ephemeral_5m_input_tokens"), written("ephemeral_1h_input_tokens"));
        let sum = (short.is_some() || hour.is_some()).then(|| short.unwrap_or(0) + hour.unwrap_or(0));
        // The sum over lifetimes stands in where the total is missing.
        seen(&mut self.cache_creation, count::tokens(usage, "cache_creation_input_tokens").or(sum));
        seen(&mut self.cache_creation_1h, hour);
    }

    /// The usage so far. `input_tokens` counts only what follows the cached part, so the prompt is the
    /// sum of all four.
    pub fn usage(&self) -> Option<Usage> {
        let (uncached, output) = (self.uncached?, self.output?);
        let cache_read = self.cache_read.unwrap_or(0);
        let written = self.cache_creation.unwrap_or(0);
        let cache_write_1h = self.cache_creation_1h.unwrap_or(0).min(written);
        Some(Usage {
            input: uncached + cache_read + written,
            cache_read,
            cache_write: written - cache_write_1h,
            cache_write_1h,
            output,
            reasoning: self.thinking.unwrap_or(0).min(output),
            reported_cost: None,
            estimated: false,
        })
    }
}

#[cfg(test)]
mod tests;
