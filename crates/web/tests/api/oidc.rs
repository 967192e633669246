//! Coming in with a real OpenID provider, `oidc-provider`, on loopback.

use std::{path::Path, process::Stdio};

use connectors::{
    oidc::{OidcProvider, OidcSettings},
    secret::Secret,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::{http::Answer, world::World};

/// Below the address that the pages have by default. Nothing is asked there: the browser stops before it.
const CALLBACK: &str = "http://127.0.0.1:8787/sign-in/oidc/callback";

/// The site, the provider, and a browser that walks through the pages of both.
struct Browser {
    world: World,
    asked: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
    provider: Child,
}

impl Browser {
    async fn open() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let packages = root.join(".tools/outside/package.json");
        assert!(packages.exists(), "{} is missing; `tools/setup outside` brings it", packages.display());
        let mut command = Command::new("node");
        command.arg(root.join("tests/outside/oidc_provider.mjs")).arg(packages).arg(CALLBACK);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut provider = command.spawn().unwrap();
        let asked = provider.stdin.take().unwrap();
        let said = BufReader::new(provider.stdout.take().unwrap()).lines();
        let mut browser = Self { world: World::sqlite().await, asked, said, provider };
        let settings = OidcSettings {
            issuer: format!("http://127.0.0.1:{}", browser.answer().await["port"]),
            name: "Acme & Sons".to_owned(),
            client_id: "tare".to_owned(),
            client_secret_env: "SECRET".to_owned(),
            allow_private: false,
            client_secret: Some(Secret::new("canary".to_owned())),
        };
        browser.world.services.outside.oidc = Some(OidcProvider::new(&settings, CALLBACK).unwrap());
        browser.world.restart().await;
        browser
    }

    async fn answer(&mut self) -> Value {
        loop {
            let line = self.said.next_line().await.unwrap().expect("the provider has ended");
            if let Ok(value) = serde_json::from_str(&line) {
                return value;
            }
        }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.world.client.send(self.world.address, "GET", path, &[("cookie", cookie)], "").await
    }

    /// Sets out. Answers the cookie that the browser keeps, and the path of ours to which the provider leads back.
    async fn set_out(&mut self, next: &str, person: &str) -> (String, String) {
        let started = self.get(&format!("/sign-in/oidc?next={next}"), "").await;
        assert_eq!(started.status, 303, "{}", started.text);
        let cookie = started.header("set-cookie").unwrap();
        assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=600"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let order = json!({"do": "sign_in", "url": started.header("location").unwrap(), "as": person});
        self.asked.write_all(format!("{order}\n").as_bytes()).await.unwrap();
        let came = self.answer().await;
        let url = came["url"].as_str().unwrap_or_else(|| panic!("{came}"));
        (cookie, url.strip_prefix("http://127.0.0.1:8787").unwrap().to_owned())
    }

    /// Nobody comes in by this, and the page says why and what to do.
    async fn refuses(&self, path: &str, cookie: &str, why: &str) {
        let refused = self.get(path, cookie).await;
        assert_eq!((refused.status, refused.header("set-cookie")), (403, None), "{}", refused.text);
        assert!(refused.text.contains(why) && refused.text.contains("Start again"), "{}", refused.text);
        assert!(refused.text.contains("Mail me a code") && refused.text.contains("/sign-in/oidc?next="));
    }

    async fn users(&self) -> usize {
        self.world.services.store.reader().list_users(None, 10).await.unwrap().len()
    }
}

/// The token in the cookies of an answer.
fn token(answer: &Answer) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let token = cookies.filter_map(|cookie| cookie.strip_prefix("tare=")).next().expect("a session");
    token.split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_comes_in_with_their_companys_account() {
    let mut browser = Browser::open().await;
    let page = browser.get("/sign-in?next=%2Fdevice%3Fcode%3DA-B", "").await;
    let button = "href=\"/sign-in/oidc?next=/device%3Fcode%3DA-B\">Sign in with Acme &#38; Sons</a>";
    assert!(page.text.contains(button), "{}", page.text);
    let (cookie, back) = browser.set_out("/device%3Fcode%3DA-B", "ana").await;
    let signed_in = browser.get(&back, &cookie).await;
    assert_eq!((signed_in.status, signed_in.header("location")), (303, Some("/device?code=A-B")));
    let first = token(&signed_in);
    let me = browser.get("/api/v1/me", &format!("tare={first}")).await.ok(200);
    assert_eq!(me["user"]["email"], "ana@example.com", "{me}");
    let cleared = signed_in.headers.get_all("set-cookie").iter().any(|cookie| {
        let cookie = cookie.to_str().unwrap();
        cookie.starts_with("tare-oidc=;") && cookie.contains("Max-Age=0")
    });
    assert!(cleared, "{:?}", signed_in.headers);

    // The same way back again opens nothing, even to the browser that has gone it.
    browser.refuses(&back, &cookie, "it was used before").await;
    // A session that a browser had before is not taken up, and no place of somebody else is gone to.
    let (cookie, back) = browser.set_out("https%3A%2F%2Fevil.example%2F", "ana").await;
    let again = browser.get(&back, &format!("{cookie}; tare={first}")).await;
    assert_eq!((again.status, again.header("location")), (303, Some("/profile")));
    assert_ne!(token(&again), first);
    assert_eq!(browser.users().await, 1);
    browser.world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_signed_in_unawares() {
    let mut browser = Browser::open().await;
    let (cookie, back) = browser.set_out("/", "ana").await;
    let (other, _) = browser.set_out("/", "ana").await;
    let elsewhere = "it was not begun in this browser";
    browser.refuses(&back, "", elsewhere).await;
    browser.refuses(&back, &other, elsewhere).await;
    browser.refuses("/sign-in/oidc/callback?state=x&code=y", &cookie, elsewhere).await;
    browser.refuses("/sign-in/oidc/callback?state=&code=y", "tare-oidc=", "it was used before").await;
    browser.refuses("/sign-in/oidc/callback?error=access_denied", &cookie, elsewhere).await;
    let twice = browser.get("/sign-in/oidc/callback?state=a&state=b", &cookie).await;
    assert!(twice.status == 422 && twice.text.contains("Mail me a code"), "{}", twice.text);
    assert_eq!(browser.users().await, 0);

    // None of that has cost the person their sign-in.
    let signed_in = browser.get(&back, &cookie).await;
    browser.get("/api/v1/me", &format!("tare={}", token(&signed_in))).await.ok(200);

    let (cookie, back) = browser.set_out("/", "ben").await;
    browser.refuses(&back, &cookie, "the provider has not verified the mail address").await;
    assert_eq!(browser.users().await, 1);
    browser.world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_away_leaves_the_code_by_mail() {
    let mut browser = Browser::open().await;
    browser.provider.kill().await.unwrap();
    let away = browser.get("/sign-in/oidc?next=/device", "").await;
    assert_eq!((away.status, away.header("set-cookie")), (503, None));
    assert!(away.text.contains("or sign in with a code by mail") && away.text.contains("value=\"/device\""));
    browser.world.services.outside.oidc = None;
    browser.world.restart().await;
    let none = browser.get("/sign-in", "").await;
    assert!(none.status == 200 && !none.text.contains("/sign-in/oidc"), "{}", none.text);
    browser.world.close().await;
}
