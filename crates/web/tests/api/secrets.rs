//! No secret is anywhere but with whom it belongs to: not in the log at any level, not in the database or its
//! write-ahead log, not in the body of an error. The search must find what was planted for it.

use std::{
    io::Write,
    path::Path,
    sync::{Arc, Mutex},
};

use operations::{Door, device, operator};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::world::{Signed, World};

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Everything that is written down: the log, and every file of the database.
fn written(log: &Log, folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut places = vec![("the log".to_owned(), log.0.lock().unwrap().clone())];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            places.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    places
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_written_down() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone());
    subscriber.try_init().expect("each test runs in a process of its own");
    let world = World::sqlite().await;
    let mut secrets = Vec::new();
    let mut bodies = String::new();
    let none = json!(null);

    // A person signs in, makes a key, asks again for the same key, and shows everything where it is not taken.
    let sent = world.call(None, "POST", "/api/v1/sign-in/codes", &json!({"email": "canary-planted@example.com"})).await;
    let challenge = sent.ok(201)["challenge"].as_str().unwrap().to_owned();
    let wrong = json!({"challenge": challenge, "code": "x"});
    bodies += &world.call(None, "POST", "/api/v1/sign-in/sessions", &wrong).await.text;
    let code = world.mailed_code("canary-planted@example.com").await;
    let right = json!({"challenge": challenge, "code": code});
    let session = world.call(None, "POST", "/api/v1/sign-in/sessions", &right).await.ok(201);
    let ana = Signed::of(&session);
    let path = "/api/v1/wallets/me/api-keys";
    let made = world.call_once(&ana, path, "k", &json!({"name": "canary"})).await.ok(201);
    let key = made["secret"].as_str().unwrap().to_owned();
    assert_eq!(world.call_once(&ana, path, "k", &json!({"name": "canary"})).await.json(), made);
    let by_key = Signed { token: key.clone(), ..ana.clone() };
    bodies += &world.call(Some(&by_key), "GET", "/api/v1/sessions", &none).await.text;
    for path in [format!("/api/v1/wallets/{key}"), format!("/api/v1/wallets/me?api_key={key}")] {
        // Other logs on the way will have it; ours leaves it out.
        let answer = world.call(Some(&ana), "GET", &path, &none).await;
        assert!(answer.status >= 400);
    }
    bodies += &world.call(Some(&ana), "POST", "/api/v1/holds", &json!({"id": key})).await.text.replace(&key, "");
    bodies += &world.call_once(&by_key, "/api/v1/organizations", "k", &json!({"name": "x"})).await.text;

    // A device, and the token of the first operator.
    let context = world.clock.context();
    let request = device::StartDevice { client: "terminal".to_owned(), from: "192.0.2.7".parse().unwrap() };
    let started = device::start(&world.services, &context, request).await.unwrap();
    let caller = operations::session::authenticate(&world.services, &context, &ana.token).await.unwrap().caller();
    device::approve(&world.services, &context, &caller, &started.code).await.unwrap();
    let device::Polled::Approved { token, .. } = device::poll(&world.services, &context, &started.code).await.unwrap()
    else {
        panic!("the device is let in");
    };
    let set_up = operator::make_setup_token(&world.services, &context).await.unwrap().unwrap();
    let tried = json!({"token": format!("{set_up}0"), "email": "op@example.com"});
    bodies += &world.call(None, "POST", "/api/v1/operator/set-up", &tried).await.text;
    let csrf = session["csrf"].as_str().unwrap().to_owned();
    secrets.extend([ana.token.clone(), key, challenge, token, set_up, csrf]);

    tracing::info!("canary-planted in the log");
    let places = written(&log, world.folder());
    assert!(places.len() >= 3, "the database, its write-ahead log and the log");
    assert!(holds(&places[0].1, "canary-planted"), "the search finds what is in the log");
    assert!(places[1..].iter().any(|(_, bytes)| holds(bytes, "canary-planted")), "and what is in the database");
    for secret in &secrets {
        for (place, bytes) in &places {
            assert!(!holds(bytes, secret), "{} is in {place}", &secret[..8]);
        }
        assert!(!bodies.contains(secret), "{} is in an answer", &secret[..8]);
    }
    world.close().await;
}
