//! What a wallet can pay for, and what it cannot.

use connectors::{demo::RunningDemo, upstream::UpstreamSettings};
use futures_util::future::join_all;
use serde_json::{Value, json};
use units::Amount;

use crate::world::{Wish, World, ask, ask_stream, upstream};

async fn with_balance(balance: &'static str) -> World {
    World::with(Wish { balance, ..Wish::default() }).await
}

#[tokio::test]
async fn without_credits_the_upstream_is_not_asked() {
    for balance in ["0", "0.000000001", "0.000014"] {
        let world = with_balance(balance).await;
        let error = world.chat(&ask("demo/small", "hello")).await.error(402);
        assert_eq!((&error["type"], &error["code"]), (&json!("insufficient_credits"), &json!("insufficient_credits")));
        assert_eq!(error["available"], world.granted.to_string());
        assert_eq!(error["buy_url"], "https://tare.example/profile");
        let message = error["message"].as_str().unwrap();
        for part in [&*world.granted.to_string(), error["needed"].as_str().unwrap(), "https://tare.example/profile"] {
            assert!(message.contains(part), "{message}");
        }
        // On these words clients would try again (CLIENTS.md section 6).
        for word in ["rate limit", "overload", "unavailable", "internal", "server error", "timed out", "timeout"] {
            assert!(!error.to_string().to_lowercase().contains(word), "{error}");
        }
        assert_eq!(world.demo.truth().sum().calls, 0);
        world.close_exact().await;
    }
}

#[tokio::test]
async fn a_limit_is_clamped_to_what_is_affordable() {
    for stream in [false, true] {
        let world = with_balance("0.0001").await;
        let mut body = ask("demo/small", "hello [[tokens=4000]]");
        body["stream"] = json!(stream);
        let answer = world.chat(&body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let usage = world.charges().await.remove(0).usage.unwrap().usage;
        assert!((16..250).contains(&usage.output), "{usage:?}");
        assert!(answer.text().contains("\"finish_reason\":\"length\""));
        assert!(world.available().await.nanos() >= 0);
        world.close_exact().await;
    }
}

/// What a request needs at least, by the refusal of an empty wallet.
async fn needed(body: &Value) -> Amount {
    let world = with_balance("0").await;
    let error = world.chat(body).await.error(402);
    world.close().await;
    error["needed"].as_str().unwrap().parse().unwrap()
}

/// The world takes its balance as a text that lives as long as the test.
fn text(nanos: i64) -> &'static str {
    Amount::from_nanos(nanos).to_string().leak()
}

#[tokio::test]
async fn the_edge_is_the_input_and_sixteen_tokens() {
    let body = ask("demo/small", "hello [[tokens=500]]");
    let needed = needed(&body).await.nanos();
    let world = with_balance(text(needed)).await;
    assert_eq!(world.chat(&body).await.status, 200);
    assert_eq!(world.charges().await[0].usage.as_ref().unwrap().usage.output, 16);
    world.close_exact().await;

    let world = with_balance(text(needed - 1)).await;
    assert_eq!(world.chat(&body).await.code(402), "insufficient_credits");
    world.close_exact().await;
}

#[tokio::test]
async fn choices_share_what_is_affordable() {
    let world = with_balance("0.0002").await;
    let mut body = ask_stream("demo/small", "hello [[tokens=4000]]");
    body["n"] = json!(5);
    body["max_completion_tokens"] = json!(3000);
    assert_eq!(world.chat(&body).await.status, 200);
    let output = world.charges().await[0].usage.as_ref().unwrap().usage.output;
    assert!(output % 5 == 0 && output >= 5 * 16, "{output}");
    world.close_exact().await;
}

/// 256 at once on a balance for ten: the upstream sees at most ten. It answers none of them before all
/// are held or refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_spends_a_balance_once() {
    const OUTPUT: i64 = 100;
    for stream in [false, true] {
        let mut body = ask("demo/small", "hello [[tokens=100 first_ms=1500]]");
        body["max_tokens"] = json!(OUTPUT);
        body["stream"] = json!(stream);
        // What one request holds; a token of output costs 400 nanodollars.
        let hold = needed(&body).await.nanos() + (OUTPUT - 16) * 400;
        let upstreams = |demo: &RunningDemo| {
            vec![UpstreamSettings { first_byte_timeout_ms: 10_000, ..upstream("demo", &demo.base_url()) }]
        };
        let mut wish = Wish { balance: text(hold * 10), upstreams, ..Wish::default() };
        wish.catalog.limits.concurrent_per_key = 1000;
        let world = World::with(wish).await;
        let answers = join_all((0..256).map(|_| world.chat(&body))).await;
        let count = |status| answers.iter().filter(|answer| answer.status == status).count() as u64;
        assert_eq!((count(200), count(402)), (10, 246));
        assert_eq!(world.demo.truth().sum().calls, 10);
        world.close_exact().await;
    }
}

#[tokio::test]
async fn free_models_work_without_credits_a_limited_number_of_times() {
    let mut wish = Wish { balance: "0", ..Wish::default() };
    wish.catalog.limits.free_per_hour = 3;
    let world = World::with(wish).await;
    for _ in 0..3 {
        let answer = world.chat(&ask_stream("demo/chat:free", "hello")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.bill(), Some(("0.00".to_owned(), Some("0.00".to_owned()))));
    }
    let answer = world.chat(&ask("demo/chat:free", "hello")).await;
    assert_eq!(answer.code(429), "free_limit_reached");
    assert_eq!(answer.header("retry-after"), Some("3600"));
    world.clock.advance(3600);
    assert_eq!(world.chat(&ask("demo/chat:free", "hello")).await.status, 200);
    assert_eq!(world.demo.truth().sum().calls, 4);
    let charges = world.charges().await;
    assert_eq!(charges.len(), 4);
    assert!(charges.iter().all(|row| row.charge.transfers == 0 && row.usage.is_some()), "free requests post nothing");
    world.close_exact().await;
}
