use serde_json::json;

use super::*;

fn stream(events: &[&str]) -> Seen {
    let mut watch = UsageWatch::for_stream();
    for event in events {
        watch.feed(format!("data: {event}\n\n").as_bytes());
    }
    watch.finish()
}

#[test]
fn the_last_complete_usage_counts() {
    let seen = stream(&[
        r#"{"choices":[{"delta":{"content":"ab"}}],"usage":null}"#,
        r#"{"choices":[{"delta":{"content":"cd"}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#,
        r#"{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
        r#"{"choices":[],"usage":{}}"#,
        r#"{"choices":[],"usage":{"prompt_tokens":"#,
        "[DONE]",
    ]);
    assert_eq!(seen.usage, Some(json!({"prompt_tokens": 1, "completion_tokens": 2})));
    assert_eq!((seen.text_bytes, seen.is_done, seen.is_finished, seen.events), (4, true, false, 6));
    assert_eq!(seen.openai_usage().unwrap().output, 2);
}

#[test]
fn an_error_within_the_stream_is_seen() {
    let seen = stream(&[r#"{"choices":[],"error":null}"#, r#"{"error":{"message":"overloaded","code":502}}"#]);
    assert_eq!(seen.error, Some(json!({"message": "overloaded", "code": 502})));
    assert!(!seen.is_done);
}

#[test]
fn anthropics_stream_has_its_prompt_at_the_beginning() {
    let seen = stream(&[
        r#"{"type":"message_start","message":{"usage":{"input_tokens":7,"cache_read_input_tokens":3,"output_tokens":1}}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\":1}"}}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":12}}"#,
        r#"{"type":"message_stop"}"#,
    ]);
    let usage = seen.anthropic_usage().unwrap();
    assert_eq!((usage.input, usage.cache_read, usage.output), (10, 3, 12));
    assert_eq!((seen.text_bytes, seen.is_finished, seen.is_done), (5 + 7, true, true));
}

#[test]
fn the_responses_format_says_its_text_once() {
    let seen = stream(&[
        r#"{"type":"response.output_text.delta","delta":"Hel"}"#,
        r#"{"type":"response.output_text.delta","delta":"lo"}"#,
        r#"{"type":"response.output_text.done","text":"Hello"}"#,
        r#"{"type":"response.completed","response":{"output":[{"content":[{"text":"Hello"}]}],"usage":{"input_tokens":4,"output_tokens":2}}}"#,
    ]);
    assert_eq!(seen.openai_usage().unwrap().input, 4);
    assert_eq!((seen.text_bytes, seen.is_done), (5, true));
}

#[test]
fn reasoning_that_is_told_twice_is_counted_once() {
    let seen = stream(&[
        r#"{"choices":[{"delta":{"reasoning":"hmm","reasoning_content":"hmm","reasoning_details":[{"text":"hmm"}]}}]}"#,
        r#"{"choices":[{"delta":{"content":"ok"}}]}"#,
    ]);
    assert_eq!(seen.text_bytes, 5);
}

#[test]
fn events_without_blank_lines_between_them_are_read_too() {
    let mut watch = UsageWatch::for_stream();
    watch.feed(
        b"data: {\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\ndata: {\"choices\":[]}\ndata: [DONE]\n",
    );
    let seen = watch.finish();
    assert!(seen.usage.is_some() && seen.is_done);
}

#[test]
fn a_body_is_read_to_its_bracket() {
    let body = br#"{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#;
    let read = |bytes: &[u8]| {
        let mut watch = UsageWatch::for_body();
        bytes.chunks(7).for_each(|piece| watch.feed(piece));
        watch.finish()
    };
    let seen = read(body);
    assert_eq!((seen.text_bytes, seen.is_finished, seen.is_done, seen.usage.is_some()), (5, true, true, true));
    let seen = read(&body[..body.len() - 1]);
    assert_eq!((seen.is_done, seen.usage.is_some()), (false, true));
}
