use billing::PriceBook;

use super::*;

fn wish(body: &str) -> Result<Wish, Error> {
    let book = PriceBook::embedded();
    ChatRequest::read(body)?.wish(book.find("demo/small").unwrap())
}

fn chat(fields: &str) -> String {
    format!(r#"{{"model":"demo/small","messages":[]{fields}}}"#)
}

/// The field that is blamed, and how.
fn blame(fields: &str) -> (&'static str, String) {
    match wish(&chat(fields)) {
        Err(Error::Field { field, reason }) => (field, reason),
        other => panic!("{fields} gave {other:?}"),
    }
}

#[test]
fn limits_are_whole_numbers_in_their_range() {
    for wrong in ["0", "-5", "1.5", "10.0", "1e3", "\"7\"", "true", "[7]", "128001", "99999999999999999999999"] {
        let (field, reason) = blame(&format!(",\"max_tokens\":{wrong}"));
        assert_eq!(field, "max_tokens");
        assert_eq!(reason, format!("is {wrong}; it must be a whole number from 1 to 128000"));
    }
    assert_eq!(blame(",\"max_completion_tokens\":-1").0, "max_completion_tokens");
    assert_eq!(blame(",\"n\":129").1, "is 129; it must be a whole number from 1 to 128");
    let wish = wish(&chat(r#","max_tokens":9,"max_completion_tokens":7,"n":3"#)).unwrap();
    assert_eq!(wish, Wish { limit: Some(7), choices: 3 });
    let none = self::wish(&chat(r#","max_tokens":null,"n":null"#)).unwrap();
    assert_eq!(none, Wish { limit: None, choices: 1 });
}

#[test]
fn what_would_change_the_price_or_the_model_is_refused() {
    assert_eq!(blame(r#","service_tier":"priority""#).0, "service_tier");
    assert!(wish(&chat(r#","service_tier":"auto""#)).is_ok());
    assert_eq!(blame(r#","models":["demo/large"]"#).0, "models");
    assert_eq!(blame(r#","Max_Tokens":9"#), ("max_tokens", "must be written in small letters".to_owned()));
    assert_eq!(blame(r#","stream":"yes""#).0, "stream");
    assert_eq!(blame(r#","stream_options":true"#).0, "stream_options");
    assert_eq!(blame(r#","stream_options":{"include_usage":false,"include_usage":true}"#).0, "stream_options");
    assert!(matches!(wish(&chat(r#","max_tokens":1,"max_tokens":9"#)), Err(Error::Malformed(_))));
    assert!(matches!(
        wish(r#"{"model":"demo/small","messages":"hello"}"#),
        Err(Error::Field { field: "messages", .. })
    ));
    for body in [r#"{"messages":[]}"#, r#"{"model":"","messages":[]}"#, r#"{"model":7,"messages":[]}"#] {
        assert!(matches!(ChatRequest::read(body), Err(Error::Field { field: "model", .. })), "{body}");
    }
}

#[test]
fn malformed_json_is_located() {
    let Err(Error::Malformed(where_)) = ChatRequest::read("{\"model\":\"demo/small\",\n  \"messages\":[}") else {
        panic!()
    };
    assert_eq!(where_, "expected value at line 2 column 15");
}

fn passed_on(body: &str, clamp: Option<u64>) -> String {
    let Outgoing { mut body, model_at } = ChatRequest::read(body).unwrap().for_upstream(clamp);
    body.replace_range(model_at, "\"small-v1\"");
    body
}

#[test]
fn a_request_passes_on_as_it_was_written_but_for_its_model() {
    let body = r#"{"model":"demo/small","messages":[{"content":"\u00e9 1.0e5"}],"temperature":0.10000000000000000555,"x":{"b":1,"a":2}}"#;
    assert_eq!(passed_on(body, None), body.replace("demo/small", "small-v1"));
    let spaced = "{ \"messages\" : [ ] ,\n \"mod\\u0065l\" : \"demo\\/small\" }";
    assert_eq!(passed_on(spaced, None), r#"{"messages":[ ],"model":"small-v1"}"#);
}

#[test]
fn a_stream_is_asked_for_usage() {
    let body = r#"{"model":"m","stream":true,"messages":[]}"#;
    let expected = r#"{"model":"small-v1","stream":true,"messages":[],"stream_options":{"include_usage":true}}"#;
    assert_eq!(passed_on(body, None), expected);
    let body = r#"{"stream_options":{"include_usage":false,"x":1},"model":"m","stream":true,"messages":[]}"#;
    let expected = r#"{"stream_options":{"include_usage":true,"x":1},"model":"small-v1","stream":true,"messages":[]}"#;
    assert_eq!(passed_on(body, None), expected);
}

#[test]
fn a_clamp_lowers_the_limits_that_are_there_or_sets_one() {
    let clamped = |fields: &str| passed_on(&chat(fields), Some(20));
    assert!(clamped("").ends_with(r#","max_tokens":20}"#));
    assert!(clamped(r#","max_completion_tokens":500"#).ends_with(r#","max_completion_tokens":20}"#));
    let both = clamped(r#","max_tokens":400,"max_completion_tokens":500"#);
    assert!(both.ends_with(r#","max_tokens":20,"max_completion_tokens":20}"#));
    let openai = passed_on(r#"{"model":"openai/gpt-5","messages":[]}"#, Some(20));
    assert!(openai.ends_with(r#","max_completion_tokens":20}"#));
}

#[test]
fn strict_providers_are_spared_the_fields_of_another_wire() {
    let body = chat(r#","usage":{"include":true},"description":"d","custom":1"#);
    assert_eq!(passed_on(&body, None), r#"{"model":"small-v1","messages":[],"custom":1}"#);
}
