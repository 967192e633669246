//! What no door takes: each a clear error that names the thing, no upstream asked, nothing changed.

use std::time::Duration;

use operations::Caller;
use operations::api_key::{self, CreateApiKey};
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};
use units::Seconds;

use crate::{
    http::{Answer, read, request, send},
    world::{Wish, World, ask},
};

/// Ends a world in which nothing may have happened.
async fn close_untouched(world: World) {
    world.settle().await;
    assert_eq!(world.demo.truth().sum().calls, 0, "the upstream was asked");
    assert_eq!(world.charges().await, []);
    assert_eq!(world.available().await, world.granted);
    world.close().await;
}

fn message(answer: &Answer, status: u16) -> String {
    answer.error(status)["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn malformed_bodies_are_located() {
    let world = World::open().await;
    for (body, says) in [
        (&b""[..], "line 1 column 0"),
        (b"{\"model\":\"demo/small\",\n\"messages\":[}", "line 2 column 13"),
        (b"[]", "JSON object"),
        (b"\"text\"", "JSON object"),
        (b"{\"model\":\"demo/small\"} trailing", "line 1 column 24"),
        (b"{\"model\":\"demo/small\",\"messages\":[\"\xff\"]}", "not UTF-8 after byte 35"),
        (b"\xef\xbb\xbf{\"model\":\"demo/small\",\"messages\":[]}", "line 1 column 1"),
        (b"{\"model\":\"demo/small\",\"model\":\"demo/large\",\"messages\":[]}", "`model` is there twice"),
    ] {
        let answer = world.post(body).await;
        assert!(message(&answer, 400).contains(says), "{}", answer.text());
        assert_eq!(answer.code(400), "malformed_json");
    }
    let deep = format!("{{\"model\":\"demo/small\",\"messages\":[{}{}]}}", "[".repeat(200), "]".repeat(200));
    assert!(message(&world.post(deep.as_bytes()).await, 400).contains("recursion limit"));
    let wide = format!("{{\"model\":\"demo/small\",\"messages\":[{}0]}}", "0,".repeat(300_000));
    assert!(message(&world.post(wide.as_bytes()).await, 400).contains("more than 200000 values"));
    close_untouched(world).await;
}

#[tokio::test]
async fn wrong_fields_are_named_with_what_would_be_right() {
    let world = World::open().await;
    for (field, value, says) in [
        ("max_tokens", json!(-1), "is -1; it must be a whole number from 1 to 128000"),
        ("max_tokens", json!(0), "is 0; it"),
        ("max_tokens", json!(1_000_000_000_000_u64), "is 1000000000000; it"),
        ("max_tokens", json!("many"), "is \"many\"; it"),
        ("max_completion_tokens", json!([5]), "is [5]; it"),
        ("n", json!(0), "from 1 to 128"),
        ("n", json!(1000), "from 1 to 128"),
        ("stream", json!("true"), "must be true or false"),
        ("stream_options", json!([]), "must be an object"),
        ("messages", json!("hello"), "must be a list of messages"),
        ("messages", json!(null), "must be a list of messages"),
        ("model", json!(null), "must name a model"),
        ("model", json!(["demo/small"]), "must name a model"),
        ("service_tier", json!("priority"), "must be one of"),
        ("models", json!(["demo/large"]), "name one model"),
    ] {
        let mut body = ask("demo/small", "hello");
        body[field] = value;
        let error = world.chat(&body).await.error(400);
        assert_eq!(error["param"], field);
        assert_eq!(error["code"], "invalid_field");
        assert!(error["message"].as_str().unwrap().contains(says), "{error}");
    }
    close_untouched(world).await;
}

#[tokio::test]
async fn unknown_models_suggest_near_ones() {
    let world = World::open().await;
    let error = world.chat(&ask("demo/smal", "hello")).await.error(404);
    assert_eq!((&error["code"], &error["param"]), (&json!("model_unknown"), &json!("model")));
    assert!(error["message"].as_str().unwrap().contains("Did you mean `demo/small`"), "{error}");
    // In the price book, but nobody serves it here.
    let error = world.chat(&ask("anthropic/claude-sonnet-4.5", "hello")).await.error(404);
    assert!(!error["message"].as_str().unwrap().contains("Did you mean"), "{error}");
    let long = "größe".repeat(20_000);
    assert!(world.chat(&ask(&long, "hello")).await.text().len() < 1_000);
    assert_eq!(world.get("/v1/models/demo/smal").await.code(404), "model_unknown");
    close_untouched(world).await;
}

#[tokio::test]
async fn keys_are_one_bearer_header_and_nothing_else() {
    let world = World::open().await;
    let body = ask("demo/small", "hello").to_string();
    let unknown = format!("Bearer tare_sk_{}", "0".repeat(48));
    let doubled =
        [("authorization", &*world.bearer()), ("authorization", &*world.bearer())].map(|(n, v)| (n, v.to_owned()));
    let cases: Vec<Vec<(&str, String)>> = vec![
        vec![],
        vec![("authorization", world.key.clone())],
        vec![("authorization", "Bearer ".to_owned())],
        vec![("authorization", format!("Basic {}", world.key))],
        vec![("authorization", unknown)],
        vec![("authorization", format!("{}0", world.bearer()))],
        vec![("x-api-key", world.key.clone())],
        doubled.to_vec(),
    ];
    for headers in &cases {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, &**value)).collect();
        for (method, path) in
            [("POST", "/v1/chat/completions"), ("GET", "/v1/models"), ("GET", "/v1/models/demo/small")]
        {
            let answer = send(world.address, method, path, &headers, body.as_bytes()).await;
            assert_eq!(answer.error(401)["type"], "authentication_error");
            assert!(!answer.text().contains(&world.key[8..]), "a key was repeated");
        }
    }
    for query in ["key=x", "API_KEY=x", "a=1&access_token=x"] {
        let path = format!("/v1/chat/completions?{query}");
        let headers = [("authorization", &*world.bearer())];
        let answer = send(world.address, "POST", &path, &headers, body.as_bytes()).await;
        assert!(message(&answer, 401).contains("Authorization: Bearer"), "{}", answer.text());
    }
    close_untouched(world).await;
}

#[tokio::test]
async fn revoked_and_expired_keys_are_told_apart() {
    let world = World::open().await;
    let context = world.clock.context();
    let make = async |expires_at| {
        let name = "other".to_owned();
        let wish = CreateApiKey { wallet: world.wallet, user: None, name, expires_at, limit: None };
        api_key::create(&world.services, &context, &Caller::Operator, wish).await.unwrap()
    };
    let revoked = make(None).await;
    api_key::revoke(&world.services, &context, &Caller::Operator, revoked.id).await.unwrap();
    let expiring = make(Some(context.now.plus(Seconds(60)))).await;
    world.clock.advance(60);
    for (secret, says) in [(&revoked.secret, "revoked"), (&expiring.secret, "expired")] {
        let headers = [("authorization", &*format!("Bearer {secret}"))];
        let body = ask("demo/small", "hello").to_string();
        let answer = send(world.address, "POST", "/v1/chat/completions", &headers, body.as_bytes()).await;
        assert!(message(&answer, 401).contains(says), "{}", answer.text());
        assert!(!answer.text().contains(secret.as_str()));
    }
    close_untouched(world).await;
}

#[tokio::test]
async fn bodies_and_heads_have_their_limits() {
    let mut wish = Wish::default();
    wish.catalog.limits.max_body_bytes = 100_000;
    wish.settings.body_timeout = Duration::from_millis(100);
    let world = World::with(wish).await;
    let huge = ask("demo/small", &"x".repeat(100_000)).to_string();
    assert!(message(&world.post(huge.as_bytes()).await, 413).contains("larger than 100000 bytes"));

    // Without a length, the limit is met while reading.
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: tare\r\nconnection: close\r\nauthorization: {}\r\ntransfer-encoding: chunked\r\n\r\n",
        world.bearer()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..110 {
        stream.write_all(format!("3e8\r\n{}\r\n", "x".repeat(1000)).as_bytes()).await.unwrap();
    }
    assert_eq!(read(&mut stream).await.code(413), "body_too_large");

    let long = "x".repeat(40_000);
    let answer = send(world.address, "GET", "/v1/models", &[("x-long", &long)], b"").await;
    assert_eq!(answer.code(431), "headers_too_large");

    // A body whose chunks make no sense.
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(format!("{head}3e8\r\n{{}}\r\nzz\r\n").as_bytes()).await.unwrap();
    stream.write_all("x".repeat(1000).as_bytes()).await.unwrap();
    assert_eq!(read(&mut stream).await.code(400), "body_incomplete");

    // A body that never comes, from a client that would go on with the connection.
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let whole =
        request("POST", "/v1/chat/completions", &[("authorization", &world.bearer())], b"{\"model\":\"demo/small\"");
    let kept = String::from_utf8(whole[..whole.len() - 5].to_vec()).unwrap().replace("connection: close\r\n", "");
    stream.write_all(kept.as_bytes()).await.unwrap();
    let slow = read(&mut stream).await;
    assert_eq!((slow.code(408), slow.header("connection")), ("body_too_slow".to_owned(), Some("close")));

    // A body that ends in the middle.
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(&whole[..whole.len() - 5]).await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(read(&mut stream).await.code(400), "body_incomplete");
    close_untouched(world).await;
}

/// Who is refused early may still be sending: the answer reaches it all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_reaches_a_client_that_is_still_sending() {
    let world = World::open().await;
    for megabytes in [1, 8, 33, 48] {
        let body = vec![b'x'; megabytes << 20];
        let path = "/v1/chat/completions";
        for _ in 0..3 {
            let answer = send(world.address, "POST", path, &[("authorization", "Bearer wrong")], &body).await;
            assert_eq!(answer.code(401), "unauthenticated", "{megabytes} MiB");
        }
        if megabytes > 32 {
            assert_eq!(world.post(&body).await.code(413), "body_too_large", "{megabytes} MiB");
        }
    }
    close_untouched(world).await;
}

#[tokio::test]
async fn other_paths_and_methods_are_refused_in_the_same_shape() {
    let world = World::open().await;
    let bearer = world.bearer();
    let headers = [("authorization", &*bearer)];
    for (method, path, status, code) in [
        ("GET", "/v1/chat/completions", 405, "method_not_allowed"),
        ("POST", "/v1/models", 405, "method_not_allowed"),
        ("DELETE", "/v1/models/demo/small", 405, "method_not_allowed"),
        ("POST", "/v1/chat/completion", 404, "not_found"),
        ("POST", "/chat/completions", 404, "not_found"),
        ("GET", "/", 404, "not_found"),
        ("TRACE", "/v1/models", 405, "method_not_allowed"),
        ("POST", "/v1/../v1/chat/completions", 404, "not_found"),
    ] {
        let answer = send(world.address, method, path, &headers, b"{}").await;
        assert_eq!(answer.code(status), code, "{method} {path}");
    }
    close_untouched(world).await;
}

/// A length beside chunks does not count, as the standard says; hyper decides it before any door sees it.
#[tokio::test]
async fn a_request_without_a_certain_end_is_refused() {
    let world = World::open().await;
    for framing in [
        "content-length: 5\r\ncontent-length: 6",
        "content-length: +5",
        "content-length: 5, 6",
        "transfer-encoding: gzip",
        "transfer-encoding: chunked, identity",
    ] {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        let bearer = world.bearer();
        let head =
            format!("POST /v1/chat/completions HTTP/1.1\r\nhost: tare\r\nauthorization: {bearer}\r\n{framing}\r\n\r\n");
        let body = ask("demo/small", "hello").to_string();
        stream.write_all(format!("{head}{:x}\r\n{body}\r\n0\r\n\r\n", body.len()).as_bytes()).await.unwrap();
        assert_eq!(read(&mut stream).await.status, 400, "{framing}");
    }
    close_untouched(world).await;
}

#[tokio::test]
async fn one_key_has_a_limited_number_of_requests_at_once() {
    let mut wish = Wish::default();
    wish.catalog.limits.concurrent_per_key = 3;
    let world = World::with(wish).await;
    let slow = ask("demo/small", "hello [[first_ms=300]]");
    let answers = futures_util::future::join_all((0..5).map(|_| world.chat(&slow))).await;
    let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert_eq!(refused.len(), 2);
    assert_eq!(refused[0].code(429), "too_many_at_once");
    assert_eq!(refused[0].header("retry-after"), Some("1"));
    assert_eq!(world.chat(&ask("demo/small", "hello")).await.status, 200);
    world.close_exact().await;
}
