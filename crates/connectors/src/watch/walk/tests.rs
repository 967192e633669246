use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

fn walk<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Found {
    let mut walk = Walk::default();
    pieces.into_iter().for_each(|piece| walk.feed(piece));
    walk.finish()
}

fn captured(bytes: Option<Vec<u8>>) -> Option<Value> {
    bytes.map(|bytes| serde_json::from_slice(&bytes).unwrap())
}

#[test]
fn usage_is_found_where_the_formats_have_it_and_nowhere_else() {
    for (text, expected) in [
        (r#"{"usage":{"a":[1,{"b":"}"}]},"x":1}"#, Some(json!({"a":[1,{"b":"}"}]}))),
        (r#"{ "usage" : {"a":1} }"#, Some(json!({"a":1}))),
        (r#"{"type":"x","response":{"id":1,"usage":{"a":1}}}"#, Some(json!({"a":1}))),
        (r#"{"message":{"usage":{"a":1}}}"#, Some(json!({"a":1}))),
        (r#"{"usage":null}"#, None),
        (r#"{"choices":[{"usage":{"a":1}}]}"#, None),
        (r#"{"other":{"usage":{"a":1}}}"#, None),
        (r#"{"text":"\"usage\":{\"a\":1}"}"#, None),
        (r#"{"usage":{"a":1},"usage":{"a":2}}"#, Some(json!({"a":2}))),
        (r#"{"usage":{"a":1}} {"usage":{"a":3}}"#, Some(json!({"a":3}))),
        (r#"{"usage":{"a":"#, None),
    ] {
        assert_eq!(captured(walk([text.as_bytes()]).usage), expected, "{text}");
    }
}

#[test]
fn the_end_of_an_answer_is_told_from_its_middle() {
    let found = |text: &str| {
        let found = walk([text.as_bytes()]);
        (found.is_finished, found.is_closed)
    };
    assert_eq!(found(r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#), (true, true));
    assert_eq!(found(r#"{"choices":[{"delta":{"content":"finish_reason"},"finish_reason":null}]}"#), (false, true));
    assert_eq!(found(r#"{"choices":[{"finish_reason":"stop""#), (true, false));
}

#[test]
fn text_is_counted_in_bytes_of_what_it_says() {
    let texts = |text: &str| walk([text.as_bytes()]).texts;
    assert_eq!(texts(r#"{"content":"a\n\"\\\u00e9é\ud83c\udf4e"}"#).content, 1 + 3 + 2 + 2 + 4);
    assert_eq!(texts(r#"{"content":["x"],"arguments":"{}","refusal":null}"#).content, 2);
    assert_eq!(texts(r#"{"reasoning":"ab","reasoning_content":"ab"}"#).reasoning, [2, 2, 0]);
    assert_eq!(texts(r#"{"logprobs":{"content":[{"token":"abc"}]}}"#).content, 0);
}

#[test]
fn a_usage_without_end_takes_no_memory() {
    let mut walk = Walk::default();
    walk.feed(br#"{"usage":["#);
    for _ in 0..100 {
        walk.feed(&[b'1'; 16 * 1024]);
        assert!(walk.capture.as_ref().is_none_or(|capture| capture.bytes.capacity() <= 2 * MOST_CAPTURED));
    }
    assert!(walk.capture.is_none());
}

/// What the walk should find, from the tree that it does not build.
fn text_bytes(value: &Value, key: &str) -> u64 {
    match value {
        Value::String(text) if key == "content" => text.len() as u64,
        Value::Array(items) => items.iter().map(|item| text_bytes(item, "")).sum(),
        Value::Object(fields) => fields.iter().map(|(key, value)| text_bytes(value, key)).sum(),
        _ => 0,
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z\"\\\\{}\\[\\]:,\u{0}-\u{1f}é🍎]{0,12}".prop_map(Value::from),
    ];
    let name = prop_oneof![Just("usage"), Just("content"), Just("choices"), Just("x")].prop_map(str::to_owned);
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..4)
                .prop_map(|fields| Value::from(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #[test]
    fn any_cuts_find_what_a_parser_finds(value in value(), pretty in any::<bool>(), size in 1usize..40) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let usage = value.get("usage").filter(|usage| !usage.is_null()).cloned();
        for found in [walk(text.as_bytes().chunks(size)), walk([text.as_bytes()])] {
            prop_assert_eq!(captured(found.usage), usage.clone());
            prop_assert_eq!(found.texts.content, text_bytes(&value, ""));
            prop_assert_eq!(found.is_closed, value.is_object() || value.is_array());
        }
    }

    #[test]
    fn nothing_stops_the_walk(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        walk(bytes.chunks(3));
    }
}
