use super::*;

fn read(json: &str) -> Option<Usage> {
    read_openai(&serde_json::from_str(json).unwrap())
}

#[test]
fn reads_a_chat_completion() {
    let usage = read(
        r#"{"prompt_tokens": 10339, "completion_tokens": 60, "total_tokens": 10399,
        "prompt_tokens_details": {"cached_tokens": 10318, "cache_write_tokens": 5, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 40}, "cost": 0.00014}"#,
    );
    let wanted = Usage {
        input: 10_339,
        cache_read: 10_318,
        cache_write: 5,
        output: 60,
        reasoning: 40,
        reported_cost: Some("0.00014".parse().unwrap()),
        ..Usage::default()
    };
    assert_eq!(usage, Some(wanted));
}

#[test]
fn reads_the_responses_format() {
    let usage = read(
        r#"{"input_tokens": 100, "input_tokens_details": {"cached_tokens": 64}, "output_tokens": 30,
        "output_tokens_details": {"reasoning_tokens": 20}, "total_tokens": 130}"#,
    );
    assert_eq!(usage, Some(Usage { input: 100, cache_read: 64, output: 30, reasoning: 20, ..Usage::default() }));
}

#[test]
fn embeddings_have_no_completion() {
    let usage = read(r#"{"prompt_tokens": 8, "total_tokens": 8}"#);
    assert_eq!(usage, Some(Usage { input: 8, ..Usage::default() }));
}

#[test]
fn zero_is_a_report_and_absence_is_not() {
    assert_eq!(read(r#"{"prompt_tokens": 0, "completion_tokens": 0}"#), Some(Usage::default()));
    for none in ["{}", "null", "[]", r#"{"prompt_tokens": 5}"#, r#"{"completion_tokens": 5, "total_tokens": 9}"#] {
        assert_eq!(read(none), None, "{none}");
    }
}

#[test]
fn reasoning_beside_the_completion_is_output_too() {
    let apart = r#"{"prompt_tokens": 119, "completion_tokens": 9, "total_tokens": 226,
        "prompt_tokens_details": {"cached_tokens": 112}, "completion_tokens_details": {"reasoning_tokens": 98}}"#;
    let usage = read(apart).unwrap();
    assert_eq!((usage.output, usage.reasoning), (107, 98));
}

#[test]
fn parts_beyond_their_totals_are_cut() {
    let usage = read(
        r#"{"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110,
        "prompt_tokens_details": {"cached_tokens": 900, "cache_write_tokens": 900},
        "completion_tokens_details": {"reasoning_tokens": 900}}"#,
    );
    assert_eq!(usage, Some(Usage { input: 100, cache_read: 100, output: 10, reasoning: 10, ..Usage::default() }));
}

#[test]
fn nonsense_in_a_part_leaves_the_total() {
    let usage = read(
        r#"{"prompt_tokens": 100, "completion_tokens": 10, "cost": -1,
        "prompt_tokens_details": {"cached_tokens": -5, "cache_write_tokens": "7"},
        "completion_tokens_details": null}"#,
    );
    assert_eq!(usage, Some(Usage { input: 100, output: 10, ..Usage::default() }));
}

#[test]
fn some_report_their_cache_beside_the_totals() {
    for beside in [r#""prompt_cache_hit_tokens": 64, "prompt_cache_miss_tokens": 36"#, r#""cached_tokens": 64"#] {
        let usage = read(&format!(r#"{{"prompt_tokens": 100, "completion_tokens": 1, {beside}}}"#));
        assert_eq!(usage.unwrap().cache_read, 64);
    }
}

#[test]
fn a_cost_is_read_in_all_its_forms() {
    let cost = |extra: &str| {
        let usage = read(&format!(r#"{{"prompt_tokens": 1, "completion_tokens": 1, {extra}}}"#)).unwrap();
        usage.reported_cost.map(|cost| cost.to_string())
    };
    assert_eq!(cost(r#""cost": "0.5""#).as_deref(), Some("0.50"));
    assert_eq!(cost(r#""cost": 1.5e-7"#).as_deref(), Some("0.00000015"));
    assert_eq!(cost(r#""cost": 0, "cost_details": {"upstream_inference_cost": null}"#).as_deref(), Some("0.00"));
    assert_eq!(cost(r#""cost_details": {"upstream_inference_cost": 0.25}"#).as_deref(), Some("0.25"));
    assert_eq!(cost(r#""cost": 0.25, "cost_details": {"upstream_inference_cost": 0.3}"#).as_deref(), Some("0.25"));
    let byok = r#""cost": 0.95, "is_byok": true, "cost_details": {"upstream_inference_cost": 19}"#;
    assert_eq!(cost(byok).as_deref(), Some("19.95"));
    assert_eq!(cost(r#""cost": null"#), None);
}
