//! The `usage` object of OpenAI's wire formats: chat and text completions, embeddings, responses, and
//! the many providers that imitate them.

use serde_json::Value;
use units::Cost;

use super::{Usage, count};

/// Reads a `usage` object. `None` when it does not report prompt and completion; then the gateway counts.
///
/// - The prompt is `prompt_tokens`, or `input_tokens` in the responses format; it includes cached tokens.
/// - The completion is `completion_tokens` or `output_tokens`; without either, what `total_tokens` leaves
///   beyond the prompt, which is how embeddings report.
/// - Some providers leave reasoning out of the completion. The total shows it: where it is exactly
///   prompt + completion + reasoning, the reasoning is added to the output.
/// - A stream may repeat usage with rising numbers: the last one read counts, they are never added up.
pub fn read_openai(usage: &Value) -> Option<Usage> {
    let input = either(usage, "prompt_tokens", "input_tokens")?;
    let total = count::tokens(usage, "total_tokens");
    let reported = either(usage, "completion_tokens", "output_tokens");
    let completion = reported.or_else(|| total?.checked_sub(input))?;
    let reasoning = detail(usage, ["completion_tokens_details", "output_tokens_details"], "reasoning_tokens");
    let is_apart = reasoning > 0 && total == Some(input + completion + reasoning);
    let output = if is_apart { completion + reasoning } else { completion };

    let prompt_details = ["prompt_tokens_details", "input_tokens_details"];
    let cache_read = detail(usage, prompt_details, "cached_tokens").max(cache_hits(usage)).min(input);
    let cache_write = detail(usage, prompt_details, "cache_write_tokens").min(input - cache_read);
    Some(Usage {
        input,
        cache_read,
        cache_write,
        cache_write_1h: 0,
        output,
        reasoning: reasoning.min(output),
        reported_cost: reported_cost(usage),
        estimated: false,
    })
}

fn either(usage: &Value, chat: &str, responses: &str) -> Option<u64> {
    count::tokens(usage, chat).or_else(|| count::tokens(usage, responses))
}

/// A part that is not reported does not exist: its tokens are ordinary ones of the total.
fn detail(usage: &Value, objects: [&str; 2], key: &str) -> u64 {
    let found = objects.into_iter().filter_map(|object| usage.get(object));
    found.filter_map(|details| count::tokens(details, key)).next().unwrap_or(0)
}

/// Some report cached tokens beside the totals: DeepSeek, and Moonshot in its older form.
fn cache_hits(usage: &Value) -> u64 {
    let beside = |key| count::tokens(usage, key).unwrap_or(0);
    beside("prompt_cache_hit_tokens").max(beside("cached_tokens"))
}

/// What OpenRouter and its imitators say they charged: `cost`. Where the request ran on a key of one's
/// own there (`is_byok`), `cost` is only their fee, and what the upstream took comes on top.
fn reported_cost(usage: &Value) -> Option<Cost> {
    let charged = count::cost(usage, "cost");
    let upstream = usage.get("cost_details").and_then(|details| count::cost(details, "upstream_inference_cost"));
    let is_byok = usage.get("is_byok").and_then(Value::as_bool).unwrap_or(false);
    match (charged, upstream) {
        (Some(fee), Some(upstream)) if is_byok => fee.checked_add(upstream).ok(),
        (charged, upstream) => charged.or(upstream),
    }
}

#[cfg(test)]
mod tests;
