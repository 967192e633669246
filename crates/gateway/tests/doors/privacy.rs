//! What must not show: keys, prompts and inner faults.

use std::{
    io,
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};

use operations::{Caller, api_key};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};
use tracing_subscriber::fmt::MakeWriter;

use crate::{
    http::{read, request},
    world::{World, ask, ask_stream},
};

/// A log that a test can read.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_key_and_no_prompt_is_logged_at_any_level() {
    let log = Log::default();
    let everything = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(everything);
    let world = World::open().await;
    for script in ["ok", "400", "401", "500", "truncate", "hang_mid", "bad_json", "error_mid", "no_usage", "html"] {
        let message = format!("prompt-canary [[{script}]]");
        world.chat(&ask("demo/small", &message)).await;
        world.chat(&ask_stream("demo/small", &message)).await;
    }
    world.post(b"{\"model\":\"demo/small\",\"messages\":[\"prompt-canary\"").await;
    world.chat(&ask("demo/none", "prompt-canary")).await;
    world.get(&format!("/v1/models?key={}", world.key)).await;
    world.settle().await;
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("an upstream did not serve a request"), "the log was seen");
    for canary in ["prompt-canary", "sk-upstream-canary", &world.key] {
        assert!(!log.contains(canary), "{canary} is in the log");
    }
    world.close().await;
}

#[tokio::test]
async fn a_panic_ends_its_own_request_only() {
    let world = World::open().await;
    // The first id names the request, the second one its hold.
    world.clock.ids.store(1, Ordering::Relaxed);
    let error = world.chat(&ask("demo/small", "hello")).await.error(500);
    assert_eq!(error["code"], "internal");
    assert!(!error.to_string().contains("no more ids"));
    assert_eq!(world.chat(&ask("demo/small", "hello")).await.status, 200);
    world.close_exact().await;
}

/// A key that is revoked while a body is on its way opens nothing.
#[tokio::test]
async fn a_slow_body_does_not_outlive_its_key() {
    let world = World::open().await;
    let body = ask("demo/small", "hello").to_string();
    let bytes = request("POST", "/v1/chat/completions", &[("authorization", &world.bearer())], body.as_bytes());
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(&bytes[..bytes.len() - 1]).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    let keys = world.services.store.reader().list_api_keys(world.wallet).await.unwrap();
    world.clock.advance(2);
    api_key::revoke(&world.services, &world.clock.context(), &Caller::Operator, keys[0].id).await.unwrap();
    stream.write_all(&bytes[bytes.len() - 1..]).await.unwrap();
    assert_eq!(read(&mut stream).await.code(401), "unauthenticated");
    assert_eq!(world.demo.truth().sum().calls, 0);
    world.close_exact().await;
}
