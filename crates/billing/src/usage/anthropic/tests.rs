use serde_json::json;

use super::*;

#[test]
fn the_prompt_is_the_sum_of_its_parts() {
    let usage = json!({"input_tokens": 600, "cache_read_input_tokens": 300, "cache_creation_input_tokens": 100,
        "cache_creation": {"ephemeral_5m_input_tokens": 60, "ephemeral_1h_input_tokens": 40},
        "output_tokens": 20, "output_tokens_details": {"thinking_tokens": 7}});
    let wanted = Usage {
        input: 1000,
        cache_read: 300,
        cache_write: 60,
        cache_write_1h: 40,
        output: 20,
        reasoning: 7,
        ..Usage::default()
    };
    assert_eq!(read_anthropic(&usage), Some(wanted));
}

#[test]
fn lifetimes_stand_in_for_a_missing_total() {
    let usage = json!({"input_tokens": 1, "output_tokens": 2,
        "cache_creation": {"ephemeral_5m_input_tokens": 60, "ephemeral_1h_input_tokens": 40}});
    let usage = read_anthropic(&usage).unwrap();
    assert_eq!((usage.input, usage.cache_write, usage.cache_write_1h), (101, 60, 40));
}

#[test]
fn an_hour_beyond_what_was_written_is_cut() {
    let usage = json!({"input_tokens": 1, "output_tokens": 2, "cache_creation_input_tokens": 10,
        "cache_creation": {"ephemeral_1h_input_tokens": 4000}});
    let usage = read_anthropic(&usage).unwrap();
    assert_eq!((usage.input, usage.cache_write, usage.cache_write_1h), (11, 0, 10));
}

#[test]
fn without_both_totals_there_is_no_usage() {
    assert_eq!(read_anthropic(&json!({"input_tokens": 3})), None);
    assert_eq!(read_anthropic(&json!({"output_tokens": 3})), None);
    assert_eq!(read_anthropic(&json!({"input_tokens": -3, "output_tokens": 3})), None);
    assert_eq!(read_anthropic(&json!({"input_tokens": 0, "output_tokens": 0})), Some(Usage::default()));
}

#[test]
fn a_stream_repeats_its_counters_and_nothing_is_added_up() {
    let start = json!({"input_tokens": 600, "cache_read_input_tokens": 300, "output_tokens": 1});
    let deltas = [json!({"output_tokens": 12}), json!({"output_tokens": 20}), json!({"output_tokens": 20})];
    let mut counters = AnthropicCounters::default();
    counters.observe(&start);
    deltas.iter().for_each(|usage| counters.observe(usage));
    let usage = counters.usage().unwrap();
    assert_eq!((usage.input, usage.cache_read, usage.output), (900, 300, 20));
}

#[test]
fn zeros_in_a_stream_do_not_hide_the_truth() {
    let mut counters = AnthropicCounters::default();
    counters.observe(&json!({"input_tokens": 0, "output_tokens": 0}));
    counters.observe(&json!({"input_tokens": 44, "output_tokens": 9}));
    counters.observe(&json!({"input_tokens": 0, "output_tokens": 9}));
    let usage = counters.usage().unwrap();
    assert_eq!((usage.input, usage.output), (44, 9));
}
