//! Upstreams that fail in every way that was seen at real ones (RELIABILITY.md, T11).
//!
//! Each request is one cell of the table: what the upstream does, streamed or not. After each, nothing is
//! held; where usage is known, the charge is what the upstream bills; where it is not, it follows the rule
//! that the cell names.

use serde_json::json;
use units::Cost;

use crate::{
    http::Answer,
    world::{Wish, World, ask, ask_stream, upstream},
};

/// What is charged, against what the upstream bills.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rule {
    /// The same: usage was told.
    Billed,
    /// Nothing: it failed before the client got anything.
    Nothing,
    /// What the gateway counted, marked so.
    Estimated,
    /// Whatever the upstream told, true or not.
    Told,
}
use Rule::{Billed, Estimated, Nothing, Told};

/// A status and a rule.
type Cell = (u16, Rule);

/// Scripts, and what comes of them not streamed and streamed.
const TABLE: &[(&str, Cell, Cell)] = &[
    ("ok", (200, Billed), (200, Billed)),
    ("400", (400, Nothing), (400, Nothing)),
    ("401", (503, Nothing), (503, Nothing)),
    ("402", (503, Nothing), (503, Nothing)),
    ("403", (503, Nothing), (503, Nothing)),
    ("404", (404, Nothing), (404, Nothing)),
    ("409", (502, Nothing), (502, Nothing)),
    ("413", (413, Nothing), (413, Nothing)),
    ("422", (422, Nothing), (422, Nothing)),
    ("429", (429, Nothing), (429, Nothing)),
    ("500", (502, Nothing), (502, Nothing)),
    ("502", (502, Nothing), (502, Nothing)),
    ("503", (503, Nothing), (503, Nothing)),
    ("529", (503, Nothing), (503, Nothing)),
    ("hang", (504, Nothing), (504, Nothing)),
    ("hang_mid", (504, Nothing), (200, Estimated)),
    ("reset_early", (502, Nothing), (502, Nothing)),
    ("reset_mid", (502, Nothing), (200, Estimated)),
    ("truncate", (502, Nothing), (200, Estimated)),
    ("clean_truncate", (502, Nothing), (200, Estimated)),
    ("error_mid", (502, Nothing), (200, Estimated)),
    ("bad_json", (502, Nothing), (200, Billed)),
    ("html", (502, Nothing), (502, Nothing)),
    ("empty", (502, Nothing), (502, Nothing)),
    ("redirect", (502, Nothing), (502, Nothing)),
    ("no_usage", (200, Estimated), (200, Estimated)),
    ("zero_usage", (200, Billed), (200, Billed)),
    ("dup_usage", (200, Billed), (200, Billed)),
    ("every_usage", (200, Billed), (200, Billed)),
    ("every_usage truncate", (502, Nothing), (200, Billed)),
    ("every_usage clean_truncate", (502, Nothing), (200, Billed)),
    ("every_usage reset_mid", (502, Nothing), (200, Billed)),
    ("p=1000 cr=300 cw=100", (200, Billed), (200, Billed)),
    ("reasoning=40", (200, Billed), (200, Billed)),
    ("cost=0.1234567890123456789", (200, Billed), (200, Billed)),
    ("cost=1.5e-7", (200, Billed), (200, Billed)),
    ("cost=0", (200, Billed), (200, Billed)),
    ("huge=8", (200, Billed), (200, Billed)),
    ("huge_line=4", (200, Billed), (200, Billed)),
    ("crlf", (200, Billed), (200, Billed)),
    ("comments", (200, Billed), (200, Billed)),
    ("split_utf8 cut=3", (200, Billed), (200, Billed)),
    ("cut=1", (200, Billed), (200, Billed)),
    ("chunks=200 tokens=300", (200, Billed), (200, Billed)),
    ("lie=cached", (200, Told), (200, Told)),
    ("lie=cache_write", (200, Told), (200, Told)),
    ("lie=reasoning", (200, Told), (200, Told)),
    ("lie=total", (200, Billed), (200, Billed)),
    ("lie=negative", (200, Estimated), (200, Estimated)),
    ("lie=string", (200, Estimated), (200, Estimated)),
    ("lie=huge", (200, Estimated), (200, Estimated)),
    ("lie=overflow", (200, Estimated), (200, Estimated)),
    ("lie=float", (200, Estimated), (200, Estimated)),
    ("lie=exponent", (200, Estimated), (200, Estimated)),
    ("lie=null", (200, Estimated), (200, Estimated)),
    ("lie=empty", (200, Estimated), (200, Estimated)),
    ("lie=array", (200, Estimated), (200, Estimated)),
    ("lie=text", (200, Estimated), (200, Estimated)),
    ("lie=missing", (200, Billed), (200, Billed)),
    ("lie=cost_negative", (200, Billed), (200, Billed)),
    ("lie=cost_string", (200, Billed), (200, Billed)),
    ("lie=cost_huge", (200, Billed), (200, Billed)),
];

async fn cell(world: &World, script: &str, stream: bool, status: u16, rule: Rule) {
    let cell = format!("{script}, {}", if stream { "streamed" } else { "whole" });
    let before = (world.charges().await.len(), world.charged().await, world.billed());
    let message = format!("hello [[{script}]]");
    let body = if stream { ask_stream("demo/large", &message) } else { ask("demo/large", &message) };
    let answer = world.chat(&body).await;
    world.settle().await;
    assert_eq!(answer.status, status, "{cell}: {}", String::from_utf8_lossy(&answer.body));
    assert!(answer.is_whole, "{cell}");
    if status != 200 {
        check_error(&cell, &answer);
    } else if stream && !script.contains("huge") {
        check_end(&cell, &answer, rule);
    }
    let charges = world.charges().await;
    let charged = Cost::from_attos(world.charged().await.attos() - before.1.attos());
    let billed = Cost::from_attos(world.billed().attos() - before.2.attos());
    assert_eq!(world.held().await.nanos(), 0, "{cell}");
    let estimated = charges.first().is_some_and(|row| row.usage.as_ref().is_some_and(|record| record.usage.estimated));
    match rule {
        Nothing => assert_eq!(charges.len(), before.0, "{cell}: charged {charged}"),
        _ => assert_eq!(charges.len(), before.0 + 1, "{cell}"),
    }
    match rule {
        Billed => assert!(charged == billed && !estimated, "{cell}: charged {charged}, billed {billed}"),
        Estimated => assert!(estimated && !charged.is_zero(), "{cell}: charged {charged}, billed {billed}"),
        Nothing => assert!(charged.is_zero(), "{cell}"),
        Told => assert!(!charged.is_zero() && !estimated, "{cell}"),
    }
}

fn check_error(cell: &str, answer: &Answer) {
    let error = answer.error(answer.status);
    let code = match answer.status {
        400..=422 => "upstream_refused",
        429 => "upstream_busy",
        503 => "upstream_unavailable",
        504 => "upstream_timeout",
        _ => "upstream_failed",
    };
    assert_eq!(error["code"], code, "{cell}");
    let text = error.to_string();
    for secret in ["canary", "API key", "credits left", "127.0.0.1"] {
        assert!(!text.contains(secret), "{cell}: {text}");
    }
    let code = match answer.status {
        429 => "upstream_busy",
        502 => "upstream_failed",
        503 => "upstream_unavailable",
        504 => "upstream_timeout",
        _ => "upstream_refused",
    };
    assert_eq!(error["code"], code, "{cell}");
    let waits = matches!(cell.split(',').next(), Some("429" | "503" | "529"));
    let waits = waits && !cell.starts_with("529");
    assert_eq!(answer.header("retry-after").is_some(), waits, "{cell}");
}

/// A stream ends with `[DONE]`, or with an error event of the right shape.
fn check_end(cell: &str, answer: &Answer, rule: Rule) {
    if cell.starts_with("bad_json") {
        return;
    }
    let last_but_comments = answer.text().trim_end().lines().rfind(|line| line.starts_with("data:")).unwrap();
    match last_but_comments.trim_end() {
        "data: [DONE]" => {}
        event => {
            assert!(rule == Estimated || cell.starts_with("every_usage "), "{cell}: {event}");
            let error = &answer.events().pop().unwrap()["error"];
            assert!(error["message"].is_string() && error["type"].is_string(), "{cell}: {error}");
            let is_ours = error["code"] == "upstream_broke_off";
            assert_eq!(is_ours, !cell.starts_with("error_mid"), "{cell}: {error}");
        }
    }
    assert!(answer.bill().is_some(), "{cell}");
}

async fn table(stream: bool) {
    let world = World::with(Wish { balance: "1000", ..Wish::default() }).await;
    for (script, whole, streamed) in TABLE {
        let (status, rule) = if stream { *streamed } else { *whole };
        cell(&world, script, stream, status, rule).await;
    }
    world.close().await;
}

#[tokio::test]
async fn the_table_for_whole_answers() {
    table(false).await;
}

#[tokio::test]
async fn the_table_for_streams() {
    table(true).await;
}

/// A provider that contradicts itself is charged once for each token, whatever it claims.
/// What comes before the bound is charged as an answer that broke off.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_without_end_is_stopped() {
    let mut wish = Wish { balance: "100", ..Wish::default() };
    wish.catalog.limits.max_answer_bytes = 1 << 20;
    let world = World::with(wish).await;
    cell(&world, "huge=8", false, 502, Nothing).await;
    cell(&world, "huge=8", true, 200, Estimated).await;
    cell(&world, "tokens=5", true, 200, Billed).await;
    world.close().await;
}

#[tokio::test]
async fn lies_about_parts_are_cut_to_their_whole() {
    let world = World::open().await;
    for lie in ["lie=cached", "lie=cache_write", "lie=reasoning"] {
        world.chat(&ask("demo/large", &format!("hello [[{lie}]]"))).await;
        let usage = world.charges().await.remove(0).usage.unwrap().usage;
        assert!(usage.cache_read + usage.cache_write <= usage.input && usage.reasoning <= usage.output, "{usage:?}");
    }
    world.close().await;
}

#[tokio::test]
async fn the_next_upstream_is_asked_before_the_first_byte() {
    let dead = |demo: &connectors::demo::RunningDemo| {
        let mut first = upstream("first", "http://127.0.0.1:1/v1");
        first.order = 1;
        let mut second = upstream("second", &demo.base_url());
        second.order = 2;
        vec![first, second]
    };
    let world = World::with(Wish { upstreams: dead, ..Wish::default() }).await;
    for body in [ask("demo/small", "hello"), ask_stream("demo/small", "hello")] {
        assert_eq!(world.chat(&body).await.status, 200);
        assert_eq!(world.charges().await[0].usage.as_ref().unwrap().provider, "second");
    }
    world.close_exact().await;
}

#[tokio::test]
async fn a_second_try_is_charged_once() {
    let twice = |demo: &connectors::demo::RunningDemo| {
        vec![upstream("one", &demo.base_url()), upstream("two", &demo.base_url())]
    };
    let world = World::with(Wish { upstreams: twice, ..Wish::default() }).await;
    for script in ["500|ok", "429|ok", "401|ok"] {
        let mut body = ask_stream("demo/small", &format!("hello [[{script}]]"));
        body["user"] = json!(script);
        assert_eq!(world.chat(&body).await.status, 200);
    }
    assert_eq!((world.charges().await.len(), world.demo.truth().sum().calls), (3, 6));
    // Once something came, nobody else is asked.
    let mut body = ask_stream("demo/small", "hello [[truncate|ok]]");
    body["user"] = json!("truncate");
    assert_eq!(world.chat(&body).await.status, 200);
    assert_eq!(world.demo.truth().sum().calls, 7);
    // And what is the request's own fault is not tried elsewhere.
    assert_eq!(world.chat(&ask("demo/small", "hello [[400|ok]]")).await.code(400), "upstream_refused");
    assert_eq!(world.demo.truth().sum().calls, 8);
    world.close().await;
}
