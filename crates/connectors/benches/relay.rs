//! What relaying costs here: the watch beside a parser that builds each event, and requests a second
//! through the client beside a bare client, both against the demo upstream in the same process.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use bytes::Bytes;
use connectors::{
    demo::{DemoSettings, DemoUpstream, RunningDemo},
    upstream::{ApiKey, UpstreamRequest, UpstreamSettings, Upstreams},
    watch::{SseScanner, UsageWatch},
};
use futures_util::StreamExt;
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};

const IN_FLIGHT: usize = 64;
const LASTING: Duration = Duration::from_secs(3);

fn main() {
    watching();
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    runtime.block_on(relaying());
}

fn watching() {
    let event = r#"data: {"id":"chatcmpl-b8df1bc3d7dc69c800000045","object":"chat.completion.chunk","created":1767225600,"model":"small","service_tier":"default","system_fingerprint":"fp_demo","choices":[{"index":0,"delta":{"content":"kettle "},"logprobs":null,"finish_reason":null}],"usage":null}"#;
    let stream = format!("{event}\n\n").repeat(1000);
    time("watch a delta event", 1000, || {
        let mut watch = UsageWatch::for_stream();
        watch.feed(stream.as_bytes());
        black_box(watch.finish());
    });
    time("find the event and parse it whole", 1000, || {
        SseScanner::new(1 << 20).feed(stream.as_bytes(), &mut |data| {
            black_box(serde_json::from_slice::<serde_json::Value>(data).ok());
        });
    });
    let body = format!(r#"{{"choices":[{{"message":{{"content":"{}"}}}}]}}"#, "words and ".repeat(5000));
    time("watch a body of 50 KB", 1, || {
        let mut watch = UsageWatch::for_body();
        watch.feed(body.as_bytes());
        black_box(watch.finish());
    });
}

fn time(what: &str, each: u32, mut work: impl FnMut()) {
    let (started, mut rounds) = (Instant::now(), 0);
    while started.elapsed() < LASTING / 3 {
        work();
        rounds += 1;
    }
    println!("{what}: {:?}", started.elapsed() / (rounds * each));
}

async fn relaying() {
    let demo = DemoUpstream::start_local(DemoSettings::default()).await.expect("loopback has a free port");
    for (what, script, stream) in [
        ("1 KB", "tokens=200", false),
        ("50 KB", "tokens=12500", false),
        ("a stream of 50 chunks", "tokens=200 chunks=50", true),
    ] {
        demo.set_script(script).expect("a known script");
        let body = Bytes::from(format!(
            r#"{{"model":"small","messages":[{{"role":"user","content":"Hello"}}],"stream":{stream}}}"#
        ));
        println!(
            "{what}: bare {}/s, client and watch {}/s",
            bare(&demo, &body).await,
            ours(&demo, &body, stream).await
        );
    }
    demo.shutdown().await;
}

async fn bare(demo: &RunningDemo, body: &Bytes) -> u32 {
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let url = format!("{}/chat/completions", demo.base_url());
    in_flight(|| async {
        let request = http::Request::post(&url).header("authorization", "Bearer k").body(Full::from(body.clone()));
        let mut response = client.request(request.expect("a URL")).await.expect("an answer");
        while let Some(frame) = response.body_mut().frame().await {
            black_box(frame.expect("a frame"));
        }
    })
    .await
}

async fn ours(demo: &RunningDemo, body: &Bytes, stream: bool) -> u32 {
    let key = ApiKey::new("k".to_owned()).expect("a key");
    let settings = UpstreamSettings::new("demo", &demo.base_url(), Some(key), ("*", "*"));
    let upstreams = Upstreams::new(vec![settings]).expect("right settings");
    in_flight(|| async {
        let request =
            UpstreamRequest { path: "/chat/completions".to_owned(), body: body.clone(), ..UpstreamRequest::default() };
        let route = upstreams.route("small").expect("a route");
        let mut response = upstreams.send(&route, request).await.expect("an answer");
        let mut watch = if stream { UsageWatch::for_stream() } else { UsageWatch::for_body() };
        while let Some(frame) = response.body.next().await {
            watch.feed(&frame.expect("a frame"));
        }
        black_box(watch.finish());
    })
    .await
}

/// Requests a second, so many at a time.
async fn in_flight<F: Future<Output = ()>>(one: impl Fn() -> F) -> u32 {
    let started = Instant::now();
    let worker = || async {
        let mut done = 0u32;
        while started.elapsed() < LASTING {
            one().await;
            done += 1;
        }
        done
    };
    let done: u32 = futures_util::future::join_all((0..IN_FLIGHT).map(|_| worker())).await.into_iter().sum();
    (f64::from(done) / started.elapsed().as_secs_f64()) as u32
}
