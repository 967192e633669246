//! Answers of the demo upstream, relayed by the client and watched on the way: what is seen is compared
//! with the demo's own truth, for every way of telling, failing and cutting.

use connectors::{
    demo::{Call, DemoSettings, DemoUpstream, RunningDemo},
    upstream::{Fault, UpstreamRequest, UpstreamSettings, Upstreams},
    watch::{Seen, UsageWatch},
};
use futures_util::StreamExt;

async fn world() -> (RunningDemo, Upstreams) {
    let demo = DemoUpstream::start_local(DemoSettings::default()).await.unwrap();
    let settings = UpstreamSettings {
        idle_timeout_ms: 400,
        ..UpstreamSettings::new("demo", &demo.base_url(), Some(key()), ("*", "*"))
    };
    (demo, Upstreams::new(vec![settings]).unwrap())
}

fn key() -> connectors::upstream::ApiKey {
    connectors::upstream::ApiKey::new("sk-demo".to_owned()).unwrap()
}

/// What was seen of one answer, the fault that ended it, and what the demo says.
async fn watch(demo: &RunningDemo, upstreams: &Upstreams, script: &str, stream: bool) -> (Seen, Option<Fault>, Call) {
    demo.truth().reset();
    demo.set_script(script).unwrap();
    let body = format!(
        r#"{{"model":"large","messages":[{{"role":"user","content":"Good \"morning\""}}],"stream":{stream},"stream_options":{{"include_usage":true}}}}"#
    );
    let request =
        UpstreamRequest { path: "/chat/completions".to_owned(), body: body.into(), ..UpstreamRequest::default() };
    let response = upstreams.send(&upstreams.route("large").unwrap(), request).await.unwrap();
    assert_eq!(response.is_event_stream(), stream);
    let mut watch = if stream { UsageWatch::for_stream() } else { UsageWatch::for_body() };
    let mut body = response.body;
    let mut fault = None;
    while let Some(next) = body.next().await {
        match next {
            Ok(bytes) => watch.feed(&bytes),
            Err(error) => fault = Some(error.fault),
        }
    }
    drop(body);
    demo.truth().idle().await;
    (watch.finish(), fault, demo.truth().calls().remove(0))
}

#[tokio::test]
async fn honest_usage_is_read_to_the_token_however_it_is_told() {
    let (demo, upstreams) = world().await;
    for script in [
        "ok",
        "crlf",
        "comments",
        "split_utf8",
        "cut=1",
        "cut=3 crlf comments split_utf8",
        "chunks=1",
        "chunks=50",
        "bad_json",
        "dup_usage",
        "every_usage",
        "huge=2",
        "huge_line=2",
        "p=1000 cr=300 cw=100 tokens=20",
        "reasoning=9 tokens=20",
    ] {
        for stream in [true, false] {
            // Half of a body has no usage; that is another test.
            if script == "bad_json" && !stream {
                continue;
            }
            let (seen, fault, call) = watch(&demo, &upstreams, script, stream).await;
            let usage = seen.openai_usage().unwrap_or_else(|| panic!("{script}, {stream}: {seen:?}"));
            let truth = call.tokens;
            assert_eq!(
                (usage.input, usage.cache_read, usage.cache_write, usage.output, usage.reasoning),
                (truth.prompt, truth.cached, truth.cache_write, truth.completion, truth.reasoning),
                "{script}, {stream}"
            );
            assert!(fault.is_none() && seen.is_done && seen.is_finished && seen.error.is_none(), "{script}: {seen:?}");
            assert_eq!(seen.text_bytes.div_ceil(4), truth.completion - truth.reasoning, "{script}, {stream}");
            assert_eq!(seen.passed_over, u64::from(stream && script.starts_with("huge_line")), "{script}");
        }
    }
}

#[tokio::test]
async fn text_is_counted_where_no_usage_is_told() {
    let (demo, upstreams) = world().await;
    for (script, is_done) in [
        ("no_usage", true),
        ("hang_mid bill=sent", false),
        ("reset_mid", false),
        ("truncate", false),
        ("clean_truncate", false),
    ] {
        let (seen, _, call) = watch(&demo, &upstreams, &format!("tokens=100 {script}"), true).await;
        assert_eq!((seen.usage.is_none(), seen.is_done), (true, is_done), "{script}");
        // The demo bills what it sent, and all of that was seen.
        assert_eq!(seen.text_bytes.div_ceil(4), call.tokens.completion, "{script}");
    }
    let (seen, fault, _) = watch(&demo, &upstreams, "truncate tokens=100", false).await;
    assert!(seen.usage.is_none() && !seen.is_done && fault.is_some());
    assert!(seen.text_bytes > 0);
}

#[tokio::test]
async fn zeros_errors_and_lies_are_handed_on_as_they_were_told() {
    let (demo, upstreams) = world().await;
    for stream in [true, false] {
        let (seen, _, _) = watch(&demo, &upstreams, "zero_usage", stream).await;
        assert_eq!(seen.openai_usage().unwrap().output, 0, "a told zero is a zero");
        let (seen, fault, _) = watch(&demo, &upstreams, "error_mid", stream).await;
        assert_eq!(seen.error.unwrap()["type"], "server_error");
        assert!(fault.is_none() && seen.usage.is_none());
        for lie in ["null", "empty", "array", "text"] {
            let (seen, _, _) = watch(&demo, &upstreams, &format!("lie={lie}"), stream).await;
            assert_eq!(seen.usage, None, "{lie}");
        }
        for (lie, told) in [("overflow", "36893488147419103232"), ("exponent", "1e"), ("negative", "-")] {
            let (seen, _, _) = watch(&demo, &upstreams, &format!("lie={lie}"), stream).await;
            let prompt = seen.usage.unwrap()["prompt_tokens"].to_string();
            assert!(prompt.starts_with(told), "{lie}: {prompt}");
        }
        let (seen, _, call) = watch(&demo, &upstreams, "cost=0.1234567890123456789", stream).await;
        assert_eq!(seen.usage.as_ref().unwrap()["cost"].to_string(), "0.1234567890123456789");
        assert_eq!(seen.openai_usage().unwrap().reported_cost, Some(call.billed));
    }
}
