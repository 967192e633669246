//! The upstream client against the demo upstream: each fault as a typed result, the order of upstreams,
//! the pool, and what is passed on.

use std::time::{Duration, Instant};

use connectors::{
    demo::{DemoSettings, DemoUpstream, Outcome, RunningDemo},
    upstream::{
        ApiKey, Billed, Fault, Phase, UpstreamFault, UpstreamRequest, UpstreamResponse, UpstreamSettings, Upstreams,
    },
};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

async fn demo() -> RunningDemo {
    DemoUpstream::start_local(DemoSettings { keep_headers: true, ..DemoSettings::default() }).await.unwrap()
}

fn key(text: &str) -> Option<ApiKey> {
    Some(ApiKey::new(text.to_owned()).unwrap())
}

/// Short times, so that what hangs is found out soon.
fn settings(name: &str, base_url: &str) -> UpstreamSettings {
    UpstreamSettings {
        connect_timeout_ms: 400,
        first_byte_timeout_ms: 400,
        idle_timeout_ms: 400,
        forward_headers: vec!["x-demo-*".to_owned()],
        ..UpstreamSettings::new(name, base_url, key("sk-operator"), ("demo/*", "*"))
    }
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pair =
        |(name, value): &(&'static str, &str)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    pairs.iter().map(pair).collect()
}

fn request(script: &str, stream: bool) -> UpstreamRequest {
    let before = r#"{"model":"#;
    let model = r#""demo/large""#;
    let after = format!(r#","messages":[{{"role":"user","content":"Good morning"}}],"stream":{stream}}}"#);
    UpstreamRequest {
        path: "/chat/completions".to_owned(),
        body: [before, model, &after].concat().into(),
        model_at: Some(before.len()..before.len() + model.len()),
        headers: headers(&[("x-demo-script", script)]),
        own_key: None,
    }
}

async fn send(upstreams: &Upstreams, script: &str, stream: bool) -> Result<UpstreamResponse, UpstreamFault> {
    upstreams.send(&upstreams.route("demo/large").unwrap(), request(script, stream)).await
}

/// The body up to its end or its fault.
async fn read(response: UpstreamResponse) -> (Vec<u8>, Option<Fault>) {
    let mut body = response.body;
    let mut bytes = Vec::new();
    while let Some(next) = body.next().await {
        match next {
            Ok(frame) => bytes.extend_from_slice(&frame),
            Err(fault) => {
                assert!(body.next().await.is_none(), "nothing follows a fault");
                return (bytes, Some(fault.fault));
            }
        }
    }
    (bytes, None)
}

/// A fault in one word, with the status where it has one.
fn word(fault: &Fault) -> String {
    match fault {
        Fault::Unreachable(_) => "unreachable".to_owned(),
        Fault::TimedOut(phase) => format!("timed out {phase:?}"),
        Fault::Rejected(rejection) => format!("rejected {}", rejection.status.as_u16()),
        Fault::Redirected(status) => format!("redirected {}", status.as_u16()),
        Fault::Unreadable(_) => "unreadable".to_owned(),
        Fault::BrokenOff(_) => "broken off".to_owned(),
        Fault::TooLarge { .. } => "too large".to_owned(),
    }
}

#[tokio::test]
async fn each_fault_before_the_head_has_its_type() {
    let demo = demo().await;
    let upstreams = Upstreams::new(vec![settings("demo", &demo.base_url())]).unwrap();
    for (script, expected) in [
        ("400", "rejected 400"),
        ("401", "rejected 401"),
        ("402", "rejected 402"),
        ("404", "rejected 404"),
        ("429", "rejected 429"),
        ("500", "rejected 500"),
        ("503", "rejected 503"),
        ("hang", "timed out FirstByte"),
        ("reset_early", "broken off"),
        ("redirect", "redirected 307"),
        ("html", "unreadable"),
    ] {
        for stream in [true, false] {
            let fault = send(&upstreams, script, stream).await.unwrap_err();
            assert_eq!(word(&fault.fault), expected, "{script}");
            // What is called free of charge really was.
            demo.truth().idle().await;
            if fault.fault.billed() == Billed::Nothing {
                assert!(demo.truth().sum().billed.is_zero(), "{script}");
            }
        }
    }
    assert_eq!(demo.truth().sum().trapped, 0);
}

#[tokio::test]
async fn each_fault_in_the_body_has_its_type() {
    let demo = demo().await;
    let upstreams = Upstreams::new(vec![settings("demo", &demo.base_url())]).unwrap();
    for (script, expected) in [
        ("ok", None),
        ("empty", None),
        ("hang_mid", Some("timed out Idle")),
        ("reset_mid", Some("broken off")),
        ("truncate", Some("broken off")),
        ("clean_truncate", None),
        ("error_mid", None),
        ("bad_json", None),
        ("huge=8", None),
        ("huge_line=2", None),
        ("crlf comments split_utf8", None),
    ] {
        for stream in [true, false] {
            let (bytes, fault) = read(send(&upstreams, script, stream).await.unwrap()).await;
            assert_eq!(fault.as_ref().map(word).as_deref(), expected, "{script}");
            assert_eq!(bytes.is_empty(), script == "empty", "{script}");
            assert!(fault.is_none_or(|fault| fault.billed() == Billed::Perhaps));
        }
    }
}

#[tokio::test]
async fn an_answer_is_handed_on_byte_for_byte_while_it_is_made() {
    let demo = demo().await;
    let upstreams = Upstreams::new(vec![settings("demo", &demo.base_url())]).unwrap();
    let response = send(&upstreams, "chunks=3 delay_ms=30", true).await.unwrap();
    assert!(response.is_event_stream());
    assert_eq!((&*response.upstream, response.model.as_str()), ("demo", "large"));
    let mut body = response.body;
    let first = body.next().await.unwrap().unwrap();
    assert!(first.starts_with(b"data: {") && first.len() < 400, "the first event comes alone");
    assert_eq!(demo.truth().sum().open, 1);

    let whole = send(&upstreams, "", false).await.unwrap();
    let length = whole.body.length().unwrap();
    assert_eq!(read(whole).await.0.len() as u64, length);
}

#[tokio::test]
async fn an_answer_that_is_too_large_ends() {
    let demo = demo().await;
    let small = UpstreamSettings { max_response_bytes: 1_000_000, ..settings("demo", &demo.base_url()) };
    let upstreams = Upstreams::new(vec![small]).unwrap();
    let (bytes, fault) = read(send(&upstreams, "huge=8", true).await.unwrap()).await;
    assert_eq!(word(&fault.unwrap()), "too large");
    assert!(bytes.len() <= 1_000_000);
}

#[tokio::test]
async fn a_slow_answer_is_not_a_silent_one() {
    let demo = demo().await;
    let upstreams = Upstreams::new(vec![settings("demo", &demo.base_url())]).unwrap();
    let (_, fault) = read(send(&upstreams, "chunks=6 delay_ms=100", true).await.unwrap()).await;
    assert!(fault.is_none(), "{fault:?}");
}

#[tokio::test]
async fn the_next_upstream_is_asked_only_for_troubles_that_cost_nothing() {
    let (first, second) = (demo().await, demo().await);
    let upstreams = Upstreams::new(vec![
        UpstreamSettings { order: 2, ..settings("second", &second.base_url()) },
        UpstreamSettings { order: 1, ..settings("first", &first.base_url()) },
    ])
    .unwrap();
    for (script, falls_over) in [
        ("401", true),
        ("402", true),
        ("429", true),
        ("500", true),
        ("503", true),
        ("redirect", true),
        ("400", false),
        ("404", false),
        ("hang", false),
        ("reset_early", false),
        ("html", false),
        ("truncate", false),
        ("reset_mid", false),
        ("empty", false),
    ] {
        second.truth().reset();
        first.set_script(script).unwrap();
        let answer = send(&upstreams, "", true).await;
        if falls_over {
            assert_eq!(&*answer.unwrap().upstream, "second", "{script}");
        } else if let Ok(answer) = answer {
            read(answer).await;
        }
        assert_eq!(second.truth().sum().calls, u64::from(falls_over), "{script}");
    }

    let free_port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let gone = Upstreams::new(vec![
        settings("gone", &format!("http://{free_port}/v1")),
        settings("second", &second.base_url()),
    ])
    .unwrap();
    assert_eq!(&*send(&gone, "", true).await.unwrap().upstream, "second");
    // The fault that is told is the last one.
    second.set_script("429 retry_after=9").unwrap();
    let fault = send(&gone, "", true).await.unwrap_err();
    let Fault::Rejected(rejection) = fault.fault else { panic!("{fault}") };
    assert_eq!((&*fault.upstream, &rejection.headers["retry-after"]), ("second", &HeaderValue::from_static("9")));
    assert!(rejection.body.starts_with(b"{\"error\""));
}

#[tokio::test]
async fn no_connection_is_told_from_no_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = Upstreams::new(vec![settings("silent", &format!("http://{}/v1", listener.local_addr().unwrap()))]);
    let fault = send(&silent.unwrap(), "", true).await.unwrap_err();
    assert_eq!(word(&fault.fault), "timed out FirstByte", "the kernel took the connection, nobody answered");

    let free_port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let gone = Upstreams::new(vec![settings("gone", &format!("http://{free_port}/v1"))]).unwrap();
    let fault = send(&gone, "", true).await.unwrap_err();
    assert_eq!((word(&fault.fault).as_str(), fault.fault.billed()), ("unreachable", Billed::Nothing));
    assert!(matches!(fault.fault, Fault::Unreachable(reason) if reason.contains("refused")));
}

#[tokio::test]
async fn a_tls_handshake_that_never_ends_is_a_connection_that_never_was() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/v1", listener.local_addr().unwrap());
    let upstreams = Upstreams::new(vec![settings("tls", &url)]).unwrap();
    let started = Instant::now();
    let fault = send(&upstreams, "", true).await.unwrap_err();
    assert!(matches!(fault.fault, Fault::TimedOut(Phase::Connecting)), "{fault}");
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn the_clients_credentials_stay_here_and_the_upstreams_key_goes_out() {
    let demo = demo().await;
    let upstreams = Upstreams::new(vec![settings("demo", &demo.base_url())]).unwrap();
    let mut request = request("", false);
    request.headers.extend(headers(&[
        ("authorization", "Bearer sk-canary"),
        ("x-api-key", "sk-canary"),
        ("cookie", "session=canary"),
        ("x-tare-organization", "org_canary"),
        ("x-forwarded-for", "203.0.113.7"),
        ("x-title", "My app"),
        ("accept-encoding", "gzip"),
    ]));
    let route = upstreams.route("demo/large").unwrap();
    read(upstreams.send(&route, request.clone()).await.unwrap()).await;
    request.own_key = key("sk-own");
    read(upstreams.send(&route, request).await.unwrap()).await;

    demo.truth().idle().await;
    let calls = demo.truth().calls();
    let header = |call: usize, name: &str| {
        calls[call].headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    };
    assert!(!format!("{calls:?}").contains("canary") && !format!("{calls:?}").contains("203.0.113.7"));
    assert_eq!(header(0, "authorization"), Some("Bearer sk-operator"));
    assert_eq!(header(1, "authorization"), Some("Bearer sk-own"));
    assert_eq!(header(0, "accept-encoding"), Some("identity"));
    assert_eq!(header(0, "x-title"), Some("My app"));
    assert_ne!(calls[0].key, calls[1].key);
}

#[tokio::test]
async fn a_users_own_key_is_shown_to_one_upstream_only() {
    let (first, second) = (demo().await, demo().await);
    first.set_script("500").unwrap();
    let upstreams =
        Upstreams::new(vec![settings("first", &first.base_url()), settings("second", &second.base_url())]).unwrap();
    let route = upstreams.route("demo/large").unwrap();
    let own = UpstreamRequest { own_key: key("sk-own"), ..request("", true) };
    let fault = upstreams.send(&route, own.clone()).await.unwrap_err();
    assert_eq!(word(&fault.fault), "rejected 500");
    assert_eq!(second.truth().sum().calls, 0);

    let chosen = route.only(|name| name == "second").unwrap();
    assert_eq!(&*upstreams.send(&chosen, own).await.unwrap().upstream, "second");
    assert!(chosen.only(|_| false).is_none());
}

#[tokio::test]
async fn connections_are_used_again() {
    // A server of its own, since the demo does not tell connections apart.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let counting = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut buffer = vec![0; 4096];
        for _ in 0..3 {
            let mut read = 0;
            while !buffer[..read].ends_with(b"}") {
                read += socket.read(&mut buffer[read..]).await.unwrap();
            }
            socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
        }
    });
    let upstreams = Upstreams::new(vec![settings("one", &url)]).unwrap();
    for _ in 0..3 {
        assert_eq!(read(send(&upstreams, "", false).await.unwrap()).await.0, b"{}");
    }
    counting.await.unwrap();
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_replaced() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        for _ in 0..2 {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 4096];
            assert!(socket.read(&mut buffer).await.unwrap() > 0);
            socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
        }
    });
    let upstreams = Upstreams::new(vec![settings("closing", &url)]).unwrap();
    for _ in 0..2 {
        assert_eq!(read(send(&upstreams, "", false).await.unwrap()).await.0, b"{}");
        // Time for the end of the connection to arrive; a request that crosses it is a broken one.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.await.unwrap();
}

#[tokio::test]
async fn the_reason_tells_a_reset_from_an_end() {
    let demo = demo().await;
    let upstreams = Upstreams::new(vec![settings("demo", &demo.base_url())]).unwrap();
    for (script, is_reset) in [("reset_mid", true), ("truncate", false)] {
        let (_, fault) = read(send(&upstreams, script, true).await.unwrap()).await;
        let reason = fault.unwrap().to_string();
        assert_eq!(reason.contains("reset"), is_reset, "{reason}");
    }
    assert!(send(&upstreams, "reset_early", true).await.unwrap_err().to_string().contains("reset"));
}

#[tokio::test]
async fn a_body_that_is_dropped_closes_its_connection() {
    let demo = demo().await;
    let upstreams = Upstreams::new(vec![settings("demo", &demo.base_url())]).unwrap();
    let mut response = send(&upstreams, "chunks=50 delay_ms=20", true).await.unwrap();
    response.body.next().await.unwrap().unwrap();
    drop(response);
    demo.truth().idle().await;
    assert_eq!(demo.truth().calls()[0].outcome, Outcome::Left);
}

#[tokio::test]
async fn an_encoding_that_was_not_asked_for_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4096];
        assert!(socket.read(&mut buffer).await.unwrap() > 0);
        let head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n\x1f\x8b";
        socket.write_all(head).await.unwrap();
    });
    let upstreams = Upstreams::new(vec![settings("zipped", &url)]).unwrap();
    assert_eq!(word(&send(&upstreams, "", false).await.unwrap_err().fault), "unreadable");
    server.await.unwrap();
}

#[test]
fn settings_are_read_strictly_and_routes_follow_the_most_precise_pattern() {
    let text = r#"
        name = "main"
        base_url = "https://api.example.com/v1"
        api_key = "sk-canary"
        models = { "a/*" = "*", "a/large" = "big", "*" = "any/*" }
    "#;
    let main: UpstreamSettings = toml::from_str(text).unwrap();
    assert!(!format!("{main:?}").contains("canary"));
    let upstreams = Upstreams::new(vec![main.clone()]).unwrap();
    assert!(!format!("{upstreams:?}").contains("canary"));
    for (public, own) in [("a/large", "big"), ("a/small", "small"), ("b", "any/b")] {
        assert_eq!(upstreams.route(public).unwrap().upstreams().collect::<Vec<_>>(), [("main", own)]);
    }
    // Who knows a provider's names fills them in where the settings leave them open.
    for (public, own) in [("a/large", "big"), ("a/small", "small-20280229"), ("b", "any/b")] {
        let route =
            upstreams.route(public).unwrap().named(|upstream| Some(format!("small-{}", upstream.len() + 20_280_225)));
        assert_eq!(route.upstreams().collect::<Vec<_>>(), [("main", own)]);
        let route = upstreams.route(public).unwrap().named(|_| None);
        assert_ne!(route.upstreams().next().unwrap().1, "small-20280229");
    }
    for (wrong, part) in [
        (text.replace("https", "http"), "https"),
        (text.replace("\"main\"", "\"\""), "name"),
        (text.replace("\"any/*\"", "\"*/*\""), "models"),
        (format!("{text}idle_timeout_ms = 0"), "idle_timeout_ms"),
    ] {
        let error = Upstreams::new(vec![toml::from_str(&wrong).unwrap()]).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert!(toml::from_str::<UpstreamSettings>(&format!("{text}api_kee = \"x\"")).is_err());
    assert!(Upstreams::new(vec![main.clone(), main]).is_err());
}
