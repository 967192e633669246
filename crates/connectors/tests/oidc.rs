//! Signing in with a real OpenID provider, `oidc-provider`, on loopback.

use std::path::Path;
use std::process::Stdio;

use connectors::oidc::{Identity, OidcFault, OidcProvider, OidcSettings};
use connectors::secret::Secret;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

const CALLBACK: &str = "http://127.0.0.1:9/sign-in/oidc/callback";
const VERIFIER: &str = "0123456789abcdef0123456789abcdef0123456789abcdef";

struct World {
    port: u64,
    asked: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl World {
    async fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let packages = root.join(".tools/outside");
        assert!(packages.exists(), "{} is missing; `tools/setup outside` brings it", packages.display());
        let mut child = Command::new("node")
            .arg(root.join("tests/outside/oidc_provider.mjs"))
            .args([packages.join("package.json").as_os_str(), CALLBACK.as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let asked = child.stdin.take().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut world = Self { port: 0, asked, said, _child: child };
        world.port = world.said().await["port"].as_u64().unwrap();
        world
    }

    async fn said(&mut self) -> Value {
        loop {
            let line = self.said.next_line().await.unwrap().expect("the provider has ended");
            if let Ok(value) = serde_json::from_str(&line) {
                return value;
            }
        }
    }

    async fn ask(&mut self, what: Value) -> Value {
        self.asked.write_all(format!("{what}\n").as_bytes()).await.unwrap();
        self.said().await
    }

    fn provider(&self, client_id: &str, secret: &str) -> OidcProvider {
        let text = format!(
            "issuer = 'http://127.0.0.1:{}'\nclient_id = '{client_id}'\nclient_secret_env = 'SECRET'",
            self.port
        );
        let mut settings: OidcSettings = toml::from_str(&text).unwrap();
        settings.client_secret = Some(Secret::new(secret.to_owned()));
        OidcProvider::new(&settings, CALLBACK).unwrap()
    }

    /// Walks through the provider's pages and answers the code and the state that come back.
    async fn walk(&mut self, provider: &OidcProvider, state: &str, person: &str) -> (String, String) {
        let setout = provider.set_out(state, "nonce-1", VERIFIER).await.unwrap();
        let came = self.ask(json!({"do": "sign_in", "url": setout.address, "as": person})).await;
        let url = came["url"].as_str().unwrap_or_else(|| panic!("{came}")).to_owned();
        let value = |key: &str| {
            let query = url.split_once('?').unwrap().1;
            let pair = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{key}=")));
            pair.unwrap_or_else(|| panic!("{url}")).to_owned()
        };
        (value("code"), value("state"))
    }
}

fn is_refused(answer: &Result<Identity, OidcFault>, why: &str) -> bool {
    matches!(answer, Err(OidcFault::Refused(reason)) if reason.contains(why))
}

#[tokio::test]
async fn somebody_is_who_the_provider_says() {
    let mut world = World::start().await;
    let provider = world.provider("tare", "canary");
    let (code, state) = world.walk(&provider, "state-1", "ana").await;
    assert_eq!(state, "state-1");
    let ana = provider.identify(&code, "nonce-1", VERIFIER).await.unwrap();
    assert_eq!(
        ana,
        Identity {
            subject: "ana".to_owned(),
            email: Some("Ana@Example.com".to_owned()),
            email_is_verified: true,
            name: Some("Ana Müller".to_owned()),
        }
    );
    let again = provider.identify(&code, "nonce-1", VERIFIER).await;
    assert!(is_refused(&again, "invalid_grant"), "a code is good once: {again:?}");

    let (code, _) = world.walk(&provider, "state-2", "ben").await;
    assert!(!provider.identify(&code, "nonce-1", VERIFIER).await.unwrap().email_is_verified);
    let (code, _) = world.walk(&provider, "state-3", "cora").await;
    assert_eq!(provider.identify(&code, "nonce-1", VERIFIER).await.unwrap().email, None);
}

#[tokio::test]
async fn what_belongs_to_another_sign_in_is_refused() {
    let mut world = World::start().await;
    let provider = world.provider("tare", "canary");
    let (code, _) = world.walk(&provider, "state", "ana").await;
    let nonce = provider.identify(&code, "nonce-2", VERIFIER).await;
    assert!(is_refused(&nonce, "nonce"), "{nonce:?}");
    let (code, _) = world.walk(&provider, "state", "ana").await;
    let verifier = provider.identify(&code, "nonce-1", &VERIFIER.replace('0', "1")).await;
    assert!(is_refused(&verifier, "invalid_grant"), "{verifier:?}");
    let (code, _) = world.walk(&provider, "state", "ana").await;
    let other = world.provider("other", "canary").identify(&code, "nonce-1", VERIFIER).await;
    assert!(is_refused(&other, "invalid_grant"), "a code of another client: {other:?}");
    let (code, _) = world.walk(&provider, "state", "ana").await;
    let secret = world.provider("tare", "wrong").identify(&code, "nonce-1", VERIFIER).await;
    assert!(is_refused(&secret, "invalid_client"), "{secret:?}");
}

/// The provider, or somebody in its place, says what is not so.
#[tokio::test]
async fn a_word_that_is_not_for_us_is_refused() {
    let mut world = World::start().await;
    let provider = world.provider("tare", "canary");
    for (lie, why) in [
        (json!({"claims": {"aud": "other"}}), "audience"),
        (json!({"claims": {"aud": ["tare", "other"]}}), "audience"),
        (json!({"claims": {"iss": "http://evil.example"}}), "issuer"),
        (json!({"claims": {"exp": 1_000_000_000}}), "Expired"),
        (json!({"claims": {"email": "boss@example.com"}, "forged": true}), "ignature"),
    ] {
        let mut order = lie.clone();
        order["do"] = json!("lie");
        assert_eq!(world.ask(order).await["ok"], true);
        let (code, _) = world.walk(&provider, "state", "ana").await;
        let answer = provider.identify(&code, "nonce-1", VERIFIER).await;
        assert!(is_refused(&answer, why), "{lie}: {answer:?}");
    }
}

#[tokio::test]
async fn rotated_keys_are_no_trouble() {
    let mut world = World::start().await;
    let provider = world.provider("tare", "canary");
    let (code, _) = world.walk(&provider, "state", "ana").await;
    assert!(provider.identify(&code, "nonce-1", VERIFIER).await.is_ok());
    assert_eq!(world.ask(json!({"do": "rotate"})).await["ok"], true);
    let (code, _) = world.walk(&provider, "state", "ana").await;
    assert!(provider.identify(&code, "nonce-1", VERIFIER).await.is_ok());
}

#[tokio::test]
async fn a_provider_that_is_away_is_said_to_be() {
    let world = World::start().await;
    let provider = world.provider("tare", "canary");
    drop(world);
    let away = provider.set_out("state", "nonce", VERIFIER).await;
    assert!(matches!(away, Err(OidcFault::Unavailable(_))));
}

#[test]
fn an_open_address_is_refused() {
    let settings = "issuer = 'http://login.example.com'\nclient_id = 'tare'\nclient_secret_env = 'SECRET'";
    let mut settings: OidcSettings = toml::from_str(settings).unwrap();
    assert!(settings.read_secrets(&|_| None).unwrap_err().contains("SECRET is not set"));
    settings.read_secrets(&|_| Some("canary".to_owned())).unwrap();
    let error = OidcProvider::new(&settings, CALLBACK).err().unwrap();
    assert!(error.contains("is not https") && !format!("{settings:?}").contains("canary"), "{error}");
}
