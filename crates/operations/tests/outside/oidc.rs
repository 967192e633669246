//! Coming in with a real OpenID provider, `oidc-provider`, on loopback.

use std::path::Path;
use std::process::Stdio;

use connectors::oidc::{OidcProvider, OidcSettings};
use connectors::secret::Secret;
use operations::Error;
use operations::sign_in::{FinishOidc, SignedIn, StartOidc, StartedOidc, finish_oidc, start_oidc};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::world::World;

const CALLBACK: &str = "http://127.0.0.1:9/sign-in/oidc/callback";

/// The provider, and a browser that walks through its pages.
struct Provider {
    asked: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Provider {
    async fn start(world: &mut World) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let packages = root.join(".tools/outside/package.json");
        assert!(packages.exists(), "{} is missing; `tools/setup outside` brings it", packages.display());
        let mut child = Command::new("node")
            .arg(root.join("tests/outside/oidc_provider.mjs"))
            .args([packages.as_os_str(), CALLBACK.as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let asked = child.stdin.take().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut provider = Self { asked, said, _child: child };
        let port = provider.said().await["port"].as_u64().unwrap();
        let settings = OidcSettings {
            issuer: format!("http://127.0.0.1:{port}"),
            name: "Acme".to_owned(),
            client_id: "tare".to_owned(),
            client_secret_env: "SECRET".to_owned(),
            allow_private: false,
            client_secret: Some(Secret::new("canary".to_owned())),
        };
        world.services.outside.oidc = Some(OidcProvider::new(&settings, CALLBACK).unwrap());
        provider
    }

    async fn said(&mut self) -> Value {
        loop {
            let line = self.said.next_line().await.unwrap().expect("the provider has ended");
            if let Ok(value) = serde_json::from_str(&line) {
                return value;
            }
        }
    }

    /// What the browser brings back.
    async fn walk(&mut self, started: &StartedOidc, person: &str) -> FinishOidc {
        let order = json!({"do": "sign_in", "url": started.address, "as": person});
        self.asked.write_all(format!("{order}\n").as_bytes()).await.unwrap();
        let came = self.said().await;
        let url = came["url"].as_str().unwrap_or_else(|| panic!("{came}")).to_owned();
        let value = |key: &str| {
            let pair = url.split(['?', '&']).find_map(|pair| pair.strip_prefix(&format!("{key}=")));
            pair.map(str::to_owned)
        };
        FinishOidc {
            state: value("state").unwrap(),
            code: value("code"),
            cookie: Some(started.state.clone()),
            client: "Firefox".to_owned(),
        }
    }
}

async fn start(world: &World, return_to: &str) -> StartedOidc {
    let request = StartOidc { return_to: return_to.to_owned() };
    start_oidc(&world.services, &world.context(), request).await.unwrap()
}

async fn finish(world: &World, request: FinishOidc) -> Result<(SignedIn, String), Error> {
    finish_oidc(&world.services, &world.context(), request).await
}

fn is_refused(answer: Result<(SignedIn, String), Error>, why: &str) -> bool {
    answer.is_err_and(|error| error.code() == "sign_in_refused" && error.to_string().contains(why))
}

#[tokio::test]
async fn a_verified_address_comes_in_as_itself() {
    let mut world = World::new().await;
    let mut provider = Provider::start(&mut world).await;
    let started = start(&world, "/usage?from=2028-02-01").await;
    let back = provider.walk(&started, "ana").await;
    let (ana, to) = finish(&world, back.clone()).await.unwrap();
    assert!(ana.is_new && to == "/usage?from=2028-02-01");
    let user = world.services.store.reader().find_user(ana.user).await.unwrap().unwrap();
    assert_eq!(user.email.as_deref(), Some("ana@example.com"));
    assert!(is_refused(finish(&world, back).await, "used before"), "the answer is good once");

    // The same person again, and by a place that is not ours.
    let started = start(&world, "//evil.example/").await;
    let back = provider.walk(&started, "ana").await;
    let (again, to) = finish(&world, back).await.unwrap();
    assert_eq!((again.user, again.is_new, to.as_str()), (ana.user, false, "/"));
    assert_ne!(again.token, ana.token);
}

#[tokio::test]
async fn only_the_browser_that_set_out_comes_in() {
    let mut world = World::new().await;
    let mut provider = Provider::start(&mut world).await;
    let (evil, own) = (start(&world, "/").await, start(&world, "/").await);
    let back = provider.walk(&evil, "ana").await;
    for cookie in [None, Some(String::new()), Some(own.state)] {
        let lured = FinishOidc { cookie, ..back.clone() };
        assert!(is_refused(finish(&world, lured).await, "not begun in this browser"));
    }
    let unknown = FinishOidc { state: "x".to_owned(), cookie: Some("x".to_owned()), ..back.clone() };
    assert!(is_refused(finish(&world, unknown).await, "used before"));
    let denied = FinishOidc { code: None, ..back };
    assert!(is_refused(finish(&world, denied).await, "did not agree"));
}

#[tokio::test]
async fn an_address_that_nobody_has_verified_opens_nothing() {
    let mut world = World::new().await;
    let mut provider = Provider::start(&mut world).await;
    for (person, why) in [("ben", "has not verified"), ("cora", "tells no mail address")] {
        let started = start(&world, "/").await;
        let back = provider.walk(&started, person).await;
        assert!(is_refused(finish(&world, back).await, why), "{person}");
    }
    assert!(world.services.store.reader().list_users(None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn who_stays_away_too_long_begins_again() {
    let mut world = World::new().await;
    let mut provider = Provider::start(&mut world).await;
    let started = start(&world, "/").await;
    let back = provider.walk(&started, "ana").await;
    world.clock.wait(600);
    assert!(is_refused(finish(&world, back).await, "took too long"));
    drop(provider);
    let request = StartOidc { return_to: "/".to_owned() };
    let away = start_oidc(&world.services, &world.context(), request).await.unwrap_err();
    assert_eq!(away.code(), "sign_in_unavailable");
    world.services.outside.oidc = None;
    let request = StartOidc { return_to: "/".to_owned() };
    assert_eq!(start_oidc(&world.services, &world.context(), request).await.unwrap_err().code(), "not_found");
}
