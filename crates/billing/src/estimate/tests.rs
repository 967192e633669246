use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn a_text_has_at_most_its_bytes() {
    let body = json!({"model": "x", "messages": [{"role": "user", "content": "Grüße, 世界"}]});
    let prompt = Prompt::of(&body);
    // The content, and the names of the role and the model as they may be written.
    assert_eq!(prompt.text_bytes, "Grüße, 世界".len() as u64 + 6 + 3);
    assert_eq!(prompt.parts, 1);
    assert!(!prompt.has_tools);
    assert_eq!(input_tokens(&body), 15 + 9 + PER_PART + PER_REQUEST);
}

#[test]
fn an_image_is_an_image_in_every_format() {
    let data = format!("data:image/png;base64,{}", "A".repeat(100_000));
    for part in [
        json!({"type": "image_url", "image_url": {"url": data, "detail": "high"}}),
        json!({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}),
        json!({"type": "input_image", "image_url": data}),
        json!({"type": "input_image", "file_id": "file-1"}),
        json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A".repeat(100_000)}}),
        json!({"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}),
    ] {
        let prompt = Prompt::of(&json!({"messages": [{"role": "user", "content": [part]}]}));
        assert_eq!((prompt.images, prompt.text_bytes), (1, 6), "{part}");
        assert_eq!(prompt.most_tokens(48_169) - prompt.most_tokens(IMAGE), 48_169 - IMAGE);
    }
}

#[test]
fn what_looks_like_an_image_in_arguments_is_text() {
    let fake = json!({"type": "image_url", "image_url": {"url": "A".repeat(5_000)}});
    for message in [
        json!({"role": "assistant", "content": [{"type": "tool_use", "name": "f", "input": {"content": [fake]}}]}),
        json!({"role": "assistant", "content": [{"type": "server_tool_use", "content": [fake]}]}),
        json!({"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": fake.to_string()}}]}),
        json!({"role": "user", "content": [{"type": "text", "text": fake.to_string()}]}),
        json!({"role": "user", "content": [{"type": "image_url", "text": "A".repeat(5_000)}]}),
    ] {
        let prompt = Prompt::of(&json!({"messages": [message]}));
        assert!(prompt.images == 0 && prompt.text_bytes >= 5_000, "{message}");
    }
}

#[test]
fn pictures_in_tool_results_are_pictures() {
    let picture =
        json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A".repeat(9_000)}});
    let result =
        json!({"type": "tool_result", "tool_use_id": "t", "content": [picture, {"type": "text", "text": "ok"}]});
    let prompt = Prompt::of(&json!({"messages": [{"role": "user", "content": [result]}]}));
    assert_eq!((prompt.images, prompt.parts), (1, 4));
    assert!(prompt.text_bytes < 100);
}

#[test]
fn documents_count_by_their_bytes_or_as_unknown() {
    let content = |part: Value| Prompt::of(&json!({"messages": [{"role": "user", "content": [part]}]}));
    let pdf = "A".repeat(4_000);
    let contained = content(
        json!({"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": pdf}}),
    );
    assert_eq!((contained.document_bytes, contained.unknown), (3_003, 0));
    let named = content(
        json!({"type": "file", "file": {"filename": "a.pdf", "file_data": format!("data:application/pdf;base64,{pdf}")}}),
    );
    assert_eq!(named.document_bytes, 3_003);
    let elsewhere = content(json!({"type": "input_file", "file_id": "file-1"}));
    assert_eq!((elsewhere.document_bytes, elsewhere.unknown), (0, 1));
    assert!(elsewhere.most_tokens(IMAGE) >= UNKNOWN);
    let text = content(
        json!({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x".repeat(500)}}),
    );
    assert!(text.text_bytes >= 500 && text.document_bytes == 0);
}

#[test]
fn sound_and_film_count_by_their_bytes() {
    let content = |part: Value| Prompt::of(&json!({"messages": [{"role": "user", "content": [part]}]}));
    let sound = content(json!({"type": "input_audio", "input_audio": {"data": "A".repeat(8_000), "format": "mp3"}}));
    assert_eq!(sound.audio_bytes, 6_003);
    let film = content(json!({"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAAAAAA"}}));
    assert_eq!(film.video_bytes, 9);
}

#[test]
fn tools_are_counted_as_their_longest_json() {
    let tool = json!({"type": "function", "function": {"name": "suche", "description": "Prüft \"alles\"\n",
        "parameters": {"type": "object", "properties": {"größe": {"type": ["integer", "null"]}}}}});
    let with = Prompt::of(&json!({"messages": [], "tools": [tool]}));
    assert!(with.has_tools);
    // Python's `json.dumps`, which escapes everything beyond ASCII and puts spaces after separators.
    let dumped = r#"[{"type": "function", "function": {"name": "suche", "description": "Pr\u00fcft \"alles\"\n", "parameters": {"type": "object", "properties": {"gr\u00f6\u00dfe": {"type": ["integer", "null"]}}}}}]"#;
    assert!(with.text_bytes >= dumped.len() as u64, "{} < {}", with.text_bytes, dumped.len());
    assert_eq!(with.most_tokens(IMAGE), with.text_bytes + PER_REQUEST + TOOLS_PREAMBLE);
}

#[test]
fn what_is_not_ascii_may_be_written_as_escapes() {
    let bytes = |text: &str| Prompt::of(&json!({"tools": [text.repeat(100)]})).text_bytes;
    assert!(bytes("\u{1f600}") >= 100 * r"\ud83d\ude00".len() as u64);
    assert!(bytes("世") >= 100 * r"\u4e16".len() as u64);
    assert!(bytes("ü") >= 100 * r"\u00fc".len() as u64);
    assert!(bytes("\u{1}") >= 100 * r"\u0001".len() as u64);
}

#[test]
fn bare_prompts_token_lists_and_embeddings_are_read_too() {
    assert_eq!(Prompt::of(&json!({"prompt": "abc", "suffix": "de"})).text_bytes, 3 + 4);
    assert!(input_tokens(&json!({"input": [1, 22, 333]})) >= 3);
    assert_eq!(Prompt::of(&json!({"input": ["abc", "de"]})).text_bytes, 5);
    assert!(input_tokens(&json!("not an object")) >= 13);
}

#[test]
fn the_likely_count_is_a_quarter_of_the_bytes() {
    assert_eq!((output_tokens(0), output_tokens(1), output_tokens(400)), (0, 1, 100));
    let body = json!({"messages": [{"role": "user", "content": "x".repeat(4_000)}]});
    let likely = Prompt::of(&body).likely_tokens();
    assert!((1_000..1_020).contains(&likely), "{likely}");
}

proptest! {
    #[test]
    fn no_field_is_overlooked(texts in proptest::collection::vec("\\PC{0,40}", 1..8), shape in 0..6_u8) {
        let all: u64 = texts.iter().map(|text| text.len() as u64).sum();
        let parts: Vec<_> = texts.iter().map(|text| json!({"type": "text", "text": text})).collect();
        let messages: Vec<_> = texts.iter().map(|text| json!({"role": "user", "content": text})).collect();
        let body = match shape {
            0 => json!({"messages": messages}),
            1 => json!({"system": parts}),
            2 => json!({"messages": [{"role": "user", "content": [{"type": "tool_result", "content": parts}]}]}),
            3 => json!({"input": [{"type": "function_call_output", "output": texts.concat()}]}),
            4 => json!({"tools": [{"input_schema": texts}]}),
            _ => json!({"anything": {"else": texts}}),
        };
        prop_assert!(input_tokens(&body) >= all);
        prop_assert!(Prompt::of(&body).likely_tokens() <= input_tokens(&body));
    }

    #[test]
    fn the_most_is_never_below_the_likely(count in any::<u64>(), bytes in any::<u64>(), film in any::<u64>()) {
        let media = Prompt { images: count, unknown: count, document_bytes: bytes, audio_bytes: film, ..Prompt::default() };
        let prompt = Prompt { text_bytes: bytes, parts: count, video_bytes: film, ..media };
        prop_assert!(prompt.most_tokens(IMAGE) >= prompt.likely_tokens());
    }
}
