//! The same doors on PostgreSQL, from two nodes, and while the database is away.

use std::time::Duration;

use connectors::{demo::RunningDemo, upstream::UpstreamSettings};
use futures_util::future::join_all;
use gateway::Settings;
use serde_json::json;
use tokio::time::{sleep, timeout};
use units::Amount;

use crate::{
    http::send,
    world::{Books, Wish, World, ask, ask_stream, upstream},
};

const CHAT: &str = "/v1/chat/completions";

fn patient(demo: &RunningDemo) -> Vec<UpstreamSettings> {
    vec![UpstreamSettings { first_byte_timeout_ms: 10_000, ..upstream("demo", &demo.base_url()) }]
}

#[tokio::test]
async fn a_reply_costs_what_the_upstream_bills() {
    let world = World::with(Wish { books: Books::Postgres, ..Wish::default() }).await;
    for model in ["demo/small", "demo/large", "demo/reports-cost"] {
        assert_eq!(world.chat(&ask(model, "größer als 世界?")).await.status, 200);
        let answer = world.chat(&ask_stream(model, "größer als 世界?")).await;
        assert_eq!(answer.bill().unwrap().1.unwrap(), world.available().await.to_string());
    }
    world.close_exact().await;
}

/// 256 at once at two nodes, on a balance for ten. No upstream call ends before all are held or refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_at_two_nodes_spends_a_balance_once() {
    let mut body = ask_stream("demo/small", "hello [[tokens=100 first_ms=3000]]");
    body["max_tokens"] = json!(100);
    let probe = World::with(Wish { balance: "0", ..Wish::default() }).await;
    let needed: Amount = probe.chat(&body).await.error(402)["needed"].as_str().unwrap().parse().unwrap();
    probe.close().await;
    let balance = Amount::from_nanos((needed.nanos() + 84 * 400) * 10).to_string().leak();
    let mut wish = Wish { books: Books::Postgres, balance, upstreams: patient, ..Wish::default() };
    wish.catalog.limits.concurrent_per_key = 1000;
    let mut world = World::with(wish).await;
    let (doors, second) = world.second_node(Settings::default()).await;
    let (bearer, bytes) = (world.bearer(), body.to_string().into_bytes());
    let headers = [("authorization", &*bearer)];
    let nodes = [world.address, second];
    let answers = join_all((0..256).map(|n| send(nodes[n % 2], "POST", CHAT, &headers, &bytes))).await;
    doors.close().await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count() as u64;
    assert_eq!((count(200), count(402)), (10, 246));
    assert_eq!(world.demo.truth().sum().calls, 10);
    world.close_exact().await;
}

/// What was begun when the database went away is settled when it is back, once; meanwhile nothing is begun.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_begun_is_settled_when_the_database_is_back() {
    let mut wish = Wish { books: Books::PostgresBehindLine, ..Wish::default() };
    wish.settings.books_patience = Duration::from_millis(400);
    wish.settings.settle_backoff = Duration::from_millis(200);
    let world = World::with(wish).await;
    let line = world.line.as_ref().unwrap();
    let body = |n: usize| match n % 2 {
        0 => ask("demo/large", "hello [[first_ms=600]]"),
        _ => ask_stream("demo/large", "hello [[first_ms=600]]"),
    };
    let cutting = async {
        sleep(Duration::from_millis(300)).await;
        assert_eq!(world.demo.truth().sum().calls, 20, "all are under way");
        line.cut();
        let refused = world.chat(&ask("demo/small", "hello")).await;
        assert_eq!(refused.code(503), "unavailable");
        assert_eq!(world.demo.truth().sum().calls, 20, "the upstream was asked for what nobody can book");
    };
    let bodies: Vec<_> = (0..20).map(body).collect();
    let (answers, ()) = tokio::join!(join_all(bodies.iter().map(|body| world.chat(body))), cutting);
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.bill().unwrap().1.is_none(), "nobody knows the balance");
    }
    assert!(timeout(Duration::from_millis(300), world.doors.close()).await.is_err(), "they wait");
    line.join();
    world.settle().await;
    assert_eq!(world.charges().await.len(), 20);
    assert_eq!(world.chat(&ask("demo/small", "hello")).await.status, 200);
    world.close_exact().await;
}

/// The connection breaks again and again while requests run: whatever was answered is charged once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_comes_and_goes_charges_once() {
    let mut wish = Wish { books: Books::PostgresBehindLine, balance: "1000", ..Wish::default() };
    wish.settings.settle_backoff = Duration::from_millis(100);
    let world = World::with(wish).await;
    let line = world.line.as_ref().unwrap();
    let asking = async {
        let (mut served, mut round) = (0, 0);
        while served < 60 {
            round += 1;
            let bodies: Vec<_> = (0..8).map(|n| ask_stream("demo/large", &format!("hello {round} {n}"))).collect();
            let answers = join_all(bodies.iter().map(|body| world.chat(body))).await;
            assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 503)));
            served += answers.iter().filter(|answer| answer.status == 200).count();
        }
        served
    };
    let breaking = async {
        loop {
            sleep(Duration::from_millis(150)).await;
            line.cut();
            sleep(Duration::from_millis(20)).await;
            line.join();
        }
    };
    let served = tokio::select! {
        served = asking => served,
        () = breaking => unreachable!("it breaks for ever"),
    };
    line.join();
    world.settle().await;
    assert_eq!(world.charges().await.len(), served);
    world.close_exact().await;
}
