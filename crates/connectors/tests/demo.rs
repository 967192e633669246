//! The demo upstream over real connections: its shapes, its faults, and the truth that it keeps of them.

use std::net::SocketAddr;

use bytes::Bytes;
use connectors::demo::{BillOnLeave, Call, DemoSettings, DemoUpstream, Outcome, RunningDemo, Tokens};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, Error},
    rt::TokioExecutor,
};
use serde_json::{Value, json};

async fn demo() -> RunningDemo {
    DemoUpstream::start_local(DemoSettings::default()).await.unwrap()
}

async fn post(addr: SocketAddr, path: &str, script: &str, body: &Value) -> Result<Response<Incoming>, Error> {
    let request = Request::post(format!("http://{addr}{path}"))
        .header("authorization", "Bearer sk-demo")
        .header("x-demo-script", script)
        .body(Full::<Bytes>::from(body.to_string()))
        .unwrap();
    Client::builder(TokioExecutor::new()).build_http().request(request).await
}

fn ask(stream: bool) -> Value {
    json!({"model": "large", "messages": [{"role": "user", "content": "Good morning"}], "stream": stream,
        "stream_options": {"include_usage": true}})
}

/// What came until the end or the break, and whether there was an end.
async fn read(mut response: Response<Incoming>) -> (String, bool) {
    let mut bytes = Vec::new();
    while let Some(frame) = response.body_mut().frame().await {
        match frame {
            Ok(frame) => bytes.extend_from_slice(&frame.into_data().unwrap_or_default()),
            Err(_) => return (String::from_utf8_lossy(&bytes).into_owned(), false),
        }
    }
    (String::from_utf8(bytes).unwrap(), true)
}

fn events(text: &str) -> Vec<Value> {
    text.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .filter(|data| *data != "[DONE]")
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

async fn only_call(demo: &RunningDemo) -> Call {
    demo.truth().idle().await;
    let mut calls = demo.truth().calls();
    assert_eq!(calls.len(), 1);
    calls.remove(0)
}

#[tokio::test]
async fn a_stream_and_a_body_say_the_same_and_cost_the_same() {
    let demo = demo().await;
    let chat = "/v1/chat/completions";
    let mut body = ask(false);
    body.as_object_mut().unwrap().remove("stream_options");
    let whole: Value = serde_json::from_str(&read(post(demo.addr(), chat, "", &body).await.unwrap()).await.0).unwrap();
    let (text, ended) = read(post(demo.addr(), chat, "", &ask(true)).await.unwrap()).await;
    assert!(ended && text.ends_with("data: [DONE]\n\n"));

    let events = events(&text);
    assert!(events.len() > 5);
    assert_eq!(events[0]["choices"][0]["delta"]["role"], "assistant");
    assert!(events.iter().all(|event| event["object"] == "chat.completion.chunk" && event["id"] == events[0]["id"]));
    let usage = events.last().unwrap();
    assert_eq!(usage["choices"], json!([]));
    assert_eq!(usage["usage"]["prompt_tokens"], whole["usage"]["prompt_tokens"]);
    assert!(events[..events.len() - 1].iter().all(|event| event["usage"].is_null()));

    assert_eq!(whole["object"], "chat.completion");
    assert_eq!(whole["choices"][0]["finish_reason"], "stop");
    let said = whole["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(said.contains("Good morning"), "{said}");
    let tokens = whole["usage"]["completion_tokens"].as_u64().unwrap();
    assert_eq!(tokens, said.len().div_ceil(4) as u64);

    demo.truth().idle().await;
    let calls = demo.truth().calls();
    assert_eq!(calls[0].billed.attos(), i128::from(6 * 3 + tokens * 15) * 1_000_000_000_000);
    assert_eq!(demo.truth().sum().billed.attos(), calls.iter().map(|call| call.billed.attos()).sum::<i128>());
}

#[tokio::test]
async fn usage_is_told_in_a_stream_only_when_asked() {
    let demo = demo().await;
    let mut body = ask(true);
    body.as_object_mut().unwrap().remove("stream_options");
    let (text, _) = read(post(demo.addr(), "/v1/chat/completions", "", &body).await.unwrap()).await;
    assert!(!text.contains("usage"));
    assert!(only_call(&demo).await.billed.attos() > 0);
}

#[tokio::test]
async fn the_same_question_gets_the_same_bytes() {
    let demo = demo().await;
    let mut answers = Vec::new();
    for _ in 0..2 {
        answers.push(read(post(demo.addr(), "/v1/chat/completions", "", &ask(true)).await.unwrap()).await.0);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn choices_limits_and_models() {
    let demo = demo().await;
    let mut body = ask(false);
    body["n"] = json!(3);
    body["max_tokens"] = json!(4);
    let whole: Value =
        serde_json::from_str(&read(post(demo.addr(), "/v1/chat/completions", "", &body).await.unwrap()).await.0)
            .unwrap();
    assert_eq!(whole["choices"].as_array().unwrap().len(), 3);
    assert_eq!(whole["choices"][2]["finish_reason"], "length");
    assert_eq!(whole["usage"]["completion_tokens"], 12);

    body["model"] = json!("medium");
    assert_eq!(post(demo.addr(), "/v1/chat/completions", "", &body).await.unwrap().status(), 404);
    assert_eq!(post(demo.addr(), "/v1/chat/completions", "fial:500", &ask(true)).await.unwrap().status(), 400);
    assert_eq!(post(demo.addr(), "/v1/chat", "", &ask(true)).await.unwrap().status(), 404);
}

/// How much of the whole reply a call is billed.
#[derive(Debug, PartialEq)]
enum Billed {
    Nothing,
    Part,
    Whole,
}

async fn play(script: &str, stream: bool) -> (Billed, Outcome, u16) {
    let demo = demo().await;
    let body = ask(stream);
    if let Ok(response) = post(demo.addr(), "/v1/chat/completions", "tokens=100", &body).await {
        read(response).await;
    }
    let whole = only_call(&demo).await;
    assert_eq!(whole.tokens, Tokens { prompt: 6, completion: 100, ..Tokens::default() });
    demo.truth().reset();

    let leave = async {
        if let Ok(response) = post(demo.addr(), "/v1/chat/completions", &format!("tokens=100,{script}"), &body).await {
            read(response).await;
        }
    };
    // Whatever hangs is left after this time; all else has ended by then.
    let _ = tokio::time::timeout(std::time::Duration::from_millis(300), leave).await;
    let call = only_call(&demo).await;
    let billed = match call.billed.attos() {
        0 => Billed::Nothing,
        billed if billed == whole.billed.attos() => Billed::Whole,
        billed if billed < whole.billed.attos() && call.tokens.completion >= 40 && call.tokens.completion < 60 => {
            Billed::Part
        }
        billed => panic!("{script} is billed {billed}"),
    };
    (billed, call.outcome, call.status)
}

#[tokio::test]
async fn each_fault_is_billed_as_the_table_says() {
    use {Billed::*, Outcome::*};
    let table = [
        ("ok", Whole, Whole, Finished, 200),
        ("401", Nothing, Nothing, Refused, 401),
        ("fail:402", Nothing, Nothing, Refused, 402),
        ("429", Nothing, Nothing, Refused, 429),
        ("500", Nothing, Nothing, Refused, 500),
        ("503", Nothing, Nothing, Refused, 503),
        ("hang", Nothing, Nothing, Left, 0),
        ("hang_mid", Whole, Whole, Left, 200),
        ("hang_mid bill=sent", Part, Part, Left, 200),
        ("reset_early", Nothing, Nothing, Broken, 0),
        ("reset_mid", Part, Nothing, Broken, 200),
        ("truncate", Part, Nothing, Broken, 200),
        ("clean_truncate", Part, Whole, Finished, 200),
        ("error_mid", Nothing, Nothing, Finished, 200),
        ("bad_json", Whole, Whole, Finished, 200),
        ("html", Nothing, Nothing, Finished, 200),
        ("empty", Nothing, Nothing, Finished, 200),
        ("redirect", Nothing, Nothing, Refused, 307),
        ("no_usage", Whole, Whole, Finished, 200),
        ("zero_usage", Nothing, Nothing, Finished, 200),
        ("dup_usage", Whole, Whole, Finished, 200),
        ("every_usage", Whole, Whole, Finished, 200),
        ("lie=huge", Whole, Whole, Finished, 200),
        ("huge=1", Whole, Whole, Finished, 200),
        ("huge_line=1", Whole, Whole, Finished, 200),
        ("crlf comments chunks=3", Whole, Whole, Finished, 200),
        ("cut=5", Whole, Whole, Finished, 200),
    ];
    for (script, streaming, whole, outcome, status) in table {
        assert_eq!(play(script, true).await, (streaming, outcome, status), "{script}, streaming");
        // A body that hangs half-way has sent nothing that could be counted.
        if script != "hang_mid bill=sent" {
            assert_eq!(play(script, false).await, (whole, outcome, status), "{script}, not streaming");
        }
    }
}

#[tokio::test]
async fn a_client_that_leaves_is_billed_as_the_settings_say() {
    for (on_leave, least, most) in [(BillOnLeave::Whole, 200, 200), (BillOnLeave::Sent, 1, 100)] {
        let settings = DemoSettings { on_leave, delay_ms: 20, ..DemoSettings::default() };
        let demo = DemoUpstream::start_local(settings).await.unwrap();
        let mut response =
            post(demo.addr(), "/v1/chat/completions", "tokens=200 chunks=100", &ask(true)).await.unwrap();
        for _ in 0..3 {
            response.body_mut().frame().await.unwrap().unwrap();
        }
        assert_eq!(demo.truth().sum().open, 1);
        drop(response);
        let call = only_call(&demo).await;
        assert_eq!(call.outcome, Outcome::Left);
        assert!((least..=most).contains(&call.tokens.completion), "{call:?}");
        assert_eq!(demo.truth().sum().left, 1);
    }
}

#[tokio::test]
async fn steps_go_on_for_each_tag_until_a_reset() {
    let demo = demo().await;
    let mut statuses = Vec::new();
    for tag in ["a", "a", "b", "a"] {
        let mut body = ask(false);
        body["user"] = json!(tag);
        let response = post(demo.addr(), "/v1/chat/completions", r#"["500","ok"]"#, &body).await.unwrap();
        statuses.push(response.status().as_u16());
    }
    assert_eq!(statuses, [500, 200, 500, 200]);
    demo.truth().idle().await;
    assert_eq!(demo.truth().list(0, Some("a")).len(), 3);
    assert_eq!(demo.truth().list(2, None).len(), 2);
    demo.truth().reset();
    assert_eq!(demo.truth().sum(), Default::default());
}

#[tokio::test]
async fn the_price_of_cached_tokens_and_the_cost_that_is_told() {
    let demo = demo().await;
    let script = "p=1000 cr=300 cw=100 tokens=20";
    let mut body = ask(false);
    body["max_tokens"] = json!(500);
    let whole = read(post(demo.addr(), "/v1/chat/completions", script, &body).await.unwrap()).await.0;
    let usage = &serde_json::from_str::<Value>(&whole).unwrap()["usage"];
    assert_eq!(usage["prompt_tokens_details"]["cached_tokens"], 300);
    assert_eq!(usage["prompt_tokens_details"]["cache_write_tokens"], 100);
    assert_eq!(only_call(&demo).await.billed.to_string(), "0.002565");

    demo.truth().reset();
    body["model"] = json!("reports-cost");
    let whole = read(post(demo.addr(), "/v1/chat/completions", "p=7 tokens=11", &body).await.unwrap()).await.0;
    let told = &serde_json::from_str::<Value>(&whole).unwrap()["usage"]["cost"];
    assert_eq!(told.to_string(), "0.000011728395055162");
    assert_eq!(only_call(&demo).await.billed.to_string(), told.to_string());

    demo.truth().reset();
    let whole = read(post(demo.addr(), "/v1/chat/completions", "cost=1.5e-7", &body).await.unwrap()).await.0;
    assert!(whole.contains(r#""cost":1.5e-7"#));
    assert_eq!(only_call(&demo).await.billed.to_string(), "0.00000015");
}

#[tokio::test]
async fn embeddings_are_told_both_ways() {
    let demo = demo().await;
    let numbers = json!({"model": "small", "input": ["a", "bb"], "dimensions": 3});
    let answer = read(post(demo.addr(), "/v1/embeddings", "", &numbers).await.unwrap()).await.0;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["data"][1]["embedding"].as_array().unwrap().len(), 3);
    assert_eq!(answer["usage"]["total_tokens"], 2);
    let coded = json!({"model": "small", "input": "a", "dimensions": 3, "encoding_format": "base64"});
    let answer = read(post(demo.addr(), "/v1/embeddings", "", &coded).await.unwrap()).await.0;
    assert_eq!(serde_json::from_str::<Value>(&answer).unwrap()["data"][0]["embedding"].as_str().unwrap().len(), 16);
    assert_eq!(demo.truth().sum().billed.to_string(), "0.0000003");
}
