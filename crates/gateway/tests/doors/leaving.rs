//! Clients that leave (RELIABILITY.md, T12): at every stage, a thousand of them. The upstream goes on, and
//! every one of its answers is charged exactly.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use crate::{
    http::request,
    world::{Wish, World, ask, ask_stream},
};

/// When a client leaves.
#[derive(Clone, Copy, Debug)]
enum Stage {
    /// As soon as the request is written.
    Nothing,
    /// When so many bytes have come.
    Bytes(usize),
    /// When the stream says this.
    Says(&'static str),
}

const STAGES: [Stage; 7] = [
    Stage::Nothing,
    Stage::Bytes(1),
    Stage::Says("\r\n\r\n"),
    Stage::Bytes(300),
    Stage::Bytes(1_000),
    Stage::Says("finish_reason\":\"stop"),
    Stage::Says("\"usage\":{"),
];

async fn leave(world: &World, body: &[u8], stage: Stage) {
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let bearer = world.bearer();
    stream.write_all(&request("POST", "/v1/chat/completions", &[("authorization", &bearer)], body)).await.unwrap();
    let mut seen = Vec::new();
    let mut buffer = [0; 64];
    loop {
        let is_time = match stage {
            Stage::Nothing => true,
            Stage::Bytes(count) => seen.len() >= count,
            Stage::Says(text) => String::from_utf8_lossy(&seen).contains(text),
        };
        if is_time {
            return;
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(count) => seen.extend_from_slice(&buffer[..count]),
        }
    }
}

async fn crowd(world: &World, count: usize, streams: bool, script: &str) {
    let message = format!("hello [[{script}]]");
    let body = if streams { ask_stream("demo/large", &message) } else { ask("demo/large", &message) };
    let body = body.to_string().into_bytes();
    let each = (0..count).map(|n| leave(world, &body, STAGES[n % STAGES.len()]));
    stream::iter(each).for_each_concurrent(64, |leaving| leaving).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_leave_and_each_is_charged() {
    let mut wish = Wish { balance: "1000", ..Wish::default() };
    wish.catalog.limits.concurrent_per_key = 2_000;
    let world = World::with(wish).await;
    crowd(&world, 700, true, "chunks=30 delay_ms=1").await;
    crowd(&world, 200, true, "chunks=3 cut=7").await;
    crowd(&world, 100, false, "first_ms=20").await;
    world.settle().await;
    let calls = world.demo.truth().sum();
    assert!(calls.calls >= 800, "most requests reached the upstream: {calls:?}");
    assert_eq!(world.charges().await.len() as u64, calls.calls);
    assert!(world.charges().await.iter().all(|row| !row.usage.as_ref().unwrap().usage.estimated));
    world.close_exact().await;
}

/// A client that takes nothing holds its upstream back, is given up after a while, and is charged.
#[tokio::test]
async fn a_client_that_does_not_read_is_given_up() {
    let mut wish = Wish::default();
    wish.settings.stall_timeout = Duration::from_millis(200);
    let world = World::with(wish).await;
    let body = ask_stream("demo/small", "hello [[huge=32]]").to_string();
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let bytes = request("POST", "/v1/chat/completions", &[("authorization", &world.bearer())], body.as_bytes());
    stream.write_all(&bytes).await.unwrap();
    stream.readable().await.unwrap();
    let held_back = world.demo.truth().sum();
    assert_eq!((held_back.calls, held_back.open), (1, 1), "the upstream waits for the client");
    assert!(world.held().await.is_positive());
    world.settle().await;
    assert_eq!(world.charges().await.len(), 1);
    drop(stream);
    world.close_exact().await;
}

/// Forty clients that take nothing of 16 MiB each: what waits for them stays on the wire, not in memory. In
/// this process the upstream has its buffers too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_takes_fills_no_memory() {
    let world = World::open().await;
    assert_eq!(world.chat(&ask("demo/small", "hello")).await.status, 200);
    let body = ask_stream("demo/small", "hello [[huge=16]]").to_string();
    let bytes = request("POST", "/v1/chat/completions", &[("authorization", &world.bearer())], body.as_bytes());
    let before = resident_kib();
    let mut streams = Vec::new();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        stream.readable().await.unwrap();
        streams.push(stream);
    }
    sleep(Duration::from_secs(1)).await;
    assert_eq!(world.demo.truth().sum().open, 40, "the upstream waits");
    let each = resident_kib().saturating_sub(before) / 40;
    assert!(each < 1024, "{each} KiB for each stream");
    drop(streams);
    world.close_exact().await;
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// An upstream that never ends is not read for ever when nobody waits.
#[tokio::test]
async fn a_drain_has_a_deadline_and_then_an_estimate() {
    let mut wish = Wish::default();
    wish.settings.drain_timeout = Duration::from_millis(100);
    wish.catalog.limits.draining_streams = 1;
    let world = World::with(wish).await;
    let body = ask_stream("demo/small", "hello [[hang_mid]]").to_string().into_bytes();
    let leaving = (0..5).map(|_| leave(&world, &body, Stage::Bytes(300)));
    futures_util::future::join_all(leaving).await;
    world.settle().await;
    let charges = world.charges().await;
    assert_eq!(charges.len(), 5);
    assert!(charges.iter().all(|row| row.usage.as_ref().unwrap().usage.estimated));
    world.close().await;
}

/// A long stream keeps its hold: it is renewed before its lease runs out.
#[tokio::test]
async fn a_long_stream_keeps_its_hold() {
    let mut wish = Wish::default();
    wish.settings.renew_every = Duration::from_millis(30);
    let world = World::with(wish).await;
    let body = ask_stream("demo/small", "hello [[chunks=10 delay_ms=60]]");
    let walking = world.chat(&body);
    let sweeping = async {
        for _ in 0..5 {
            sleep(Duration::from_millis(90)).await;
            world.clock.advance(200);
            let context = world.clock.context();
            let swept = operations::jobs::sweep(&world.services, &context).await.unwrap();
            assert_eq!(swept.lapsed, 0, "a hold in use was swept");
        }
    };
    let (answer, ()) = tokio::join!(walking, sweeping);
    assert_eq!(answer.status, 200);
    world.close_exact().await;
}

/// A settlement that the store cannot take at once holds nobody up and is made once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_settlement_waits_for_the_store() {
    let mut wish = Wish::default();
    wish.settings.books_patience = Duration::from_millis(50);
    let world = World::with(wish).await;
    for stream in [false, true] {
        let mut body = ask("demo/small", "hello [[first_ms=150]]");
        body["stream"] = json!(stream);
        let store = world.services.store.clone();
        let walking = world.chat(&body);
        let blocking = async {
            sleep(Duration::from_millis(100)).await;
            // The one writer is busy for longer than anybody waits.
            let busy = store.write(async |_| {
                std::thread::sleep(Duration::from_millis(600));
                Ok::<_, store::Fault>(())
            });
            busy.await.unwrap();
        };
        let (answer, ()) = tokio::join!(walking, blocking);
        assert_eq!(answer.status, 200);
        let (_, balance) = answer.bill().unwrap();
        assert_eq!(balance, None, "the balance was not known yet");
    }
    world.settle().await;
    assert_eq!(world.charges().await.len(), 2);
    world.close_exact().await;
}

/// When too many settlements wait, not even what costs nothing is begun.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_of_settlements_keeps_new_requests_out() {
    let mut wish = Wish::default();
    wish.settings.books_patience = Duration::from_millis(50);
    wish.settings.unsettled = 1;
    let world = World::with(wish).await;
    let store = world.services.store.clone();
    let body = ask("demo/small", "hello [[first_ms=150]]");
    let walking = world.chat(&body);
    let blocking = async {
        sleep(Duration::from_millis(100)).await;
        let busy = store.write(async |_| {
            std::thread::sleep(Duration::from_millis(600));
            Ok::<_, store::Fault>(())
        });
        busy.await.unwrap();
    };
    let knocking = async {
        sleep(Duration::from_millis(400)).await;
        world.chat(&ask("demo/chat:free", "hello")).await
    };
    let (answer, (), refused) = tokio::join!(walking, blocking, knocking);
    assert_eq!((answer.status, refused.status), (200, 503));
    world.settle().await;
    // Its patience with the books is short enough for a busy machine to exceed it by itself.
    let mut again = world.chat(&ask("demo/chat:free", "hello")).await;
    for _ in 0..100 {
        if again.status != 503 {
            break;
        }
        sleep(Duration::from_millis(50)).await;
        again = world.chat(&ask("demo/chat:free", "hello")).await;
    }
    assert_eq!(again.status, 200);
    world.close_exact().await;
}

/// Without the books nothing is served, and no upstream is asked.
#[tokio::test]
async fn without_the_books_every_request_is_refused() {
    let world = World::open().await;
    world.services.store.clone().close().await;
    let answer = world.chat(&ask("demo/small", "hello")).await;
    assert_eq!(answer.code(503), "unavailable");
    assert!(answer.header("retry-after").is_some());
    assert_eq!(world.demo.truth().sum().calls, 0);
}
