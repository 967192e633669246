//! A walk past every place where a secret is made, shown, asked for or refused.

mod payments;
mod person;

use std::process::Stdio;
use std::time::Duration;

use axum::http::Request;
use bytes::Bytes;
use http_body_util::Full;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::sleep;

use super::echo;
use super::scan::{Canaries, Place as Written, random};
use super::written;
use crate::http::{Answer, Client};
use crate::mailbox;
use crate::program::{Said, finish, run, tare};
use crate::servers::{Kind, Node, Place};

pub struct Walk {
    place: Place,
    kind: Kind,
    client: Client,
    canaries: Canaries,
    /// In the environment of the servers, by the names of the variables.
    environment: Vec<(&'static str, String)>,
    keys: Vec<String>,
    codes: Vec<String>,
    own_key: String,
    card: String,
    session: String,
    csrf: String,
    /// Everything that was answered, without what was to be shown.
    answers: String,
    /// Everything that commands said, without what was to be shown.
    said: String,
    places: Vec<Written>,
}

impl Walk {
    pub async fn start(kind: Kind) -> Self {
        let place = Place::new(kind).await;
        let mut canaries = Canaries::default();
        let environment = vec![
            ("CANARY_UPSTREAM", canaries.plant("upstream key", "sk-upstream-")),
            ("CANARY_OIDC", canaries.plant("OIDC client secret", "oidc-")),
            ("CANARY_SMTP", canaries.plant("SMTP password", "smtp-")),
            ("CANARY_STRIPE", canaries.plant("processor's key", "sk_test_")),
            ("CANARY_STRIPE_EVENTS", canaries.plant("secret of events", "whsec_")),
        ];
        let own_key = canaries.plant("BYOK key", "sk-own-");
        // As long as a card's number, and random as no other number here is.
        let digits: String = random().bytes().map(|byte| char::from(b'0' + byte % 10)).collect();
        canaries.add("card number", &digits, "");
        let walk = Self {
            place,
            kind,
            client: Client::new(),
            canaries,
            environment,
            keys: Vec::new(),
            codes: Vec::new(),
            own_key,
            card: digits,
            session: String::new(),
            csrf: String::new(),
            answers: String::new(),
            said: String::new(),
            places: Vec::new(),
        };
        walk.write_settings(&echo::start().await.to_string(), "");
        walk
    }

    fn write_settings(&self, echo: &str, more: &str) {
        let demo = self.place.upstream.address;
        let settings = format!(
            "[[upstream]]\nname = \"demo\"\nbase_url = \"http://{demo}/v1\"\napi_key_env = \"CANARY_UPSTREAM\"\n\
             models = {{ \"demo/small\" = \"small\" }}\nforward_headers = [\"x-demo-*\"]\n\
             [[upstream]]\nname = \"echo\"\nbase_url = \"http://{echo}/v1\"\napi_key_env = \"CANARY_UPSTREAM\"\n\
             models = {{ \"demo/large\" = \"large\" }}\n\
             [oidc]\nissuer = \"https://127.0.0.1:9\"\nclient_id = \"tare\"\nclient_secret_env = \"CANARY_OIDC\"\n\
             allow_private = true\n{more}"
        );
        std::fs::write(self.file("tare.toml"), settings).unwrap();
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.place.folder.path().join(name)
    }

    fn program(&self) -> Command {
        let mut command = tare();
        command.envs(self.environment.iter().map(|(name, value)| (*name, value.as_str())));
        command.env("TARE_LOG", "trace").current_dir(self.place.folder.path());
        command
    }

    /// Keeps what was said, without this one text that is to be shown there once.
    fn keep_said(&mut self, said: &Said, shown: &str) {
        let text = format!("{}\n{}\n", said.out, said.err);
        self.said.push_str(&without(text, shown));
    }

    /// People with keys and provider keys, all before a server owns the file.
    pub async fn commands_before(&mut self) {
        let master = self.file("master.keys").display().to_string();
        let made = run(["keys", "new", &master, "--name", "first"]).await;
        self.keep_said(&made, "");
        let text = std::fs::read_to_string(&master).unwrap();
        let line = text.lines().last().unwrap().to_owned();
        self.canaries.add("BYOK master key", &line, "first ");
        self.environment.push(("TARE_MASTER_KEYS", line));
        for name in ["ana@example.com", "bob@example.com"] {
            let added = self.place.command(&["user", "add", name]).await;
            self.keep_said(&added, "");
            let granted = self.place.command(&["grant", name, "50"]).await;
            self.keep_said(&granted, "");
            let created = self.place.command(&["key", "create", name]).await;
            let key = created.out.trim().to_owned();
            self.keep_said(&created, &key);
            self.canaries.add("API key", &key, "tare_sk_");
            self.keys.push(key);
        }
        let bad = self.canaries.plant("BYOK key", "sk-own-");
        self.end_keys(&bad).await;
        for (provider, key, is_good) in
            [("demo", bad, false), ("demo", self.own_key.clone(), true), ("echo", self.own_key.clone(), true)]
        {
            let said = self.add_own_key(provider, &key).await;
            assert_eq!(said.code == 0, is_good, "{said:?}");
            self.keep_said(&said, "");
        }
    }

    async fn add_own_key(&self, provider: &str, key: &str) -> Said {
        let mut command = self.program();
        command.args(["byok", "add", "bob@example.com", provider, "--database", self.place.address()]);
        command.arg("--config").arg(self.file("tare.toml"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut adding = command.spawn().unwrap();
        let mut stdin = adding.stdin.take().unwrap();
        stdin.write_all(key.as_bytes()).await.unwrap();
        drop(stdin);
        let ended = adding.wait_with_output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { code: ended.status.code().unwrap(), out: text(ended.stdout), err: text(ended.stderr) }
    }

    /// The demo upstream refuses these keys from now on.
    async fn end_keys(&self, keys: &str) {
        let url = format!("http://{}/_ended_keys", self.place.upstream.address);
        let request = Request::put(url).body(Full::from(keys.to_owned())).unwrap();
        assert!(self.client.send(request).await.unwrap().status < 300);
    }

    pub async fn serve(&self) -> Node {
        self.place.serve_under(self.program()).await
    }

    /// The first line tells the set-up token, once.
    pub async fn set_up(&mut self, node: &mut Node) {
        let line = node.process.line().await;
        let token = line.rsplit(' ').next().unwrap().to_owned();
        self.canaries.add("set-up token", &token, "tare_su_");
        self.said.push_str(&without(line, &token));
        let url = format!("{}/api/v1/operator/set-up", node.url);
        let wrong = json!({"token": format!("{token}0"), "email": "op@example.com"});
        self.post(&url, &[], &wrong, &[]).await;
        let right = json!({"token": token, "email": "op@example.com"});
        let begun = self.begin(&url, &right).await;
        assert_eq!(begun["is_new"], true);
        self.post(&url, &[], &right, &[]).await;
    }

    /// Begins a session, whose token and CSRF token are told in that answer.
    async fn begin(&mut self, url: &str, body: &Value) -> Value {
        let answer = self.client.send(request("POST", url, &[], body.to_string())).await.unwrap();
        assert_eq!(answer.status, 201, "{}", answer.text);
        let begun: Value = serde_json::from_str(&answer.text).unwrap();
        let text = |name: &str| begun[name].as_str().unwrap().to_owned();
        (self.session, self.csrf) = (text("token"), text("csrf"));
        self.canaries.add("session token", &self.session, "tare_ss_");
        self.canaries.add("CSRF token", &self.csrf, "");
        let shown = [self.session.clone(), self.session.clone(), self.csrf.clone()];
        self.keep(&answer, &shown);
        begun
    }

    /// With each key, to a provider that serves and to one that repeats the key in every fault.
    pub async fn chats(&mut self, node: &Node) {
        for key in self.keys.clone() {
            for script in ["ok", "500", "401", "bad_json", "error_mid", "reset_mid"] {
                let body = json!({"model": "demo/small", "messages": [{"role": "user", "content": "hello"}]});
                self.chat(node, &key, script, &body).await;
            }
            let body = json!({"model": "demo/large", "messages": [{"role": "user", "content": "hello"}]});
            for _ in echo::STATUSES {
                self.chat(node, &key, "ok", &body).await;
            }
        }
        self.end_keys(&self.own_key).await;
        let body = json!({"model": "demo/small", "messages": [{"role": "user", "content": "hello"}]});
        let bob = self.keys[1].clone();
        self.chat(node, &bob, "ok", &body).await;
        self.end_keys("").await;
    }

    async fn chat(&mut self, node: &Node, key: &str, script: &str, body: &Value) {
        let bearer = format!("Bearer {key}");
        let headers = [("authorization", bearer.as_str()), ("x-demo-script", script)];
        let url = format!("{}/v1/chat/completions", node.url);
        // A broken answer is one too, and what came of it is the client's.
        if let Ok(answer) = self.client.send(request("POST", &url, &headers, body.to_string())).await {
            self.keep(&answer, &[]);
        }
    }

    /// Secrets where they do not belong, and a number that looks like a card's.
    pub async fn refused(&mut self, node: &Node) {
        let mut secrets = vec![self.keys[0].clone(), self.session.clone(), self.card.clone()];
        secrets.push(self.keys.last().unwrap().clone());
        let right = format!("Bearer {}", self.keys[0]);
        for secret in secrets {
            for path in ["/", "/v1/", "/v1/models/", "/api/v1/", "/api/v1/wallets/", "/api/device-auth/codes/"] {
                let is_card = secret == self.card;
                // Whoever puts a number into an address has it in every log on the way, and no rule knows it.
                if !is_card {
                    self.get(&format!("{}{path}{secret}", node.url), &[("authorization", &right)]).await;
                }
            }
            for name in ["key", "api_key", "access_token", "token"] {
                for path in ["/v1/models", "/api/v1/wallets/me", "/sign-in"] {
                    self.get(&format!("{}{path}?{name}={secret}", node.url), &[("authorization", &right)]).await;
                }
            }
            for shown in [format!("Bearer {secret}0"), format!("Basic {secret}"), secret.clone()] {
                for path in ["/v1/models", "/v1/chat/completions", "/api/v1/wallets/me", "/api/profile"] {
                    self.get(&format!("{}{path}", node.url), &[("authorization", &shown)]).await;
                }
            }
            let bodies = [
                format!("{{\"model\": \"{secret}"),
                format!("{{\"model\": \"demo/small\", \"messages\": {secret}}}"),
                json!({"model": "demo/small", "messages": [{"role": "x", "content": secret}]}).to_string(),
                json!({"model": "demo/small", "messages": [], "user": secret}).to_string(),
                json!({"id": "x", "amount": secret}).to_string(),
                secret.clone(),
            ];
            for body in bodies {
                for path in ["/v1/chat/completions", "/api/v1/holds", "/api/v1/meter", "/api/v1/sign-in/codes"] {
                    let headers = [("authorization", right.as_str())];
                    let url = format!("{}{path}", node.url);
                    let answer = self.client.send(request("POST", &url, &headers, body.clone())).await.unwrap();
                    // Where an answer is one, the text in it is the client's own.
                    if answer.status >= 400 {
                        self.keep(&answer, &[]);
                    }
                }
            }
        }
        // A prompt is not ours to keep, whatever stands in it; its reply is the client's.
        let body = json!({"model": "demo/small", "messages": [{"role": "user", "content": self.card}]});
        let answer = self.client.chat(&node.url, &self.keys[0], "card", &body).await.unwrap();
        assert!(answer.status == 200 && answer.text.contains(&self.card), "{}", answer.text);
    }

    pub async fn kill_in_the_middle(&mut self, node: Node) {
        let (client, url, key) = (self.client.clone(), node.url.clone(), self.keys[1].clone());
        let asking = tokio::spawn(async move {
            let headers = [("authorization", format!("Bearer {key}")), ("x-demo-script", "hang_mid".to_owned())];
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let body =
                json!({"model": "demo/small", "stream": true, "messages": [{"role": "user", "content": "hello"}]});
            client.send(request("POST", &format!("{url}/v1/chat/completions"), &headers, body.to_string())).await
        });
        while self.place.upstream.sum().await.open == 0 {
            sleep(Duration::from_millis(10)).await;
        }
        node.process.kill().await;
        assert!(asking.await.unwrap().is_err(), "the answer broke off");
    }

    /// The same server, with a mail server that offers no encryption: it gets no password and no mail.
    pub async fn serve_with_mail_server(&mut self) -> Node {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = server.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut line, _)) = server.accept().await {
                // It does not get further: who wants to sign in must encrypt first.
                let _ = line.write_all(b"220 here\r\n250 and no more\r\n").await;
            }
        });
        let mail = format!(
            "[mail]\nfrom = \"Tare <no-reply@example.com>\"\n[mail.smtp]\nhost = \"127.0.0.1\"\nport = {port}\n\
             username = \"tare\"\npassword_env = \"CANARY_SMTP\"\n"
        );
        self.write_settings(&echo::start().await.to_string(), &mail);
        self.serve().await
    }

    /// A mail that cannot be sent, and a look at what is left of before.
    pub async fn undelivered(&mut self, node: &Node) {
        let since = self.place.log().len();
        let sent = json!({"email": "canary-9@example.com"}).to_string();
        let sent =
            self.client.send(request("POST", &format!("{}/api/v1/sign-in/codes", node.url), &[], sent)).await.unwrap();
        assert_eq!(sent.status, 201, "{}", sent.text);
        while !self.place.log()[since..].contains("a job failed and is tried again") {
            sleep(Duration::from_millis(50)).await;
        }
        let bearer = format!("Bearer {}", self.keys[0]);
        for path in ["/api/v1/wallets/me/charges", "/api/v1/wallets/me/api-keys", "/v1/models", "/api/v1/wallets/me"] {
            self.get(&format!("{}{path}", node.url), &[("authorization", &bearer)]).await;
        }
    }

    pub async fn commands_behind(&mut self) {
        let config = self.file("tare.toml").display().to_string();
        let password = self.canaries.plant("database password", "");
        let wrong = format!("postgres://tare:{password}@127.0.0.1:9/tare");
        let own = self.place.address().to_owned();
        for words in [
            &["user", "list"][..],
            &["user", "show", "ana@example.com"],
            &["key", "list", "ana@example.com"],
            &["byok", "list", "bob@example.com"],
            &["keys", "list"],
            &["keys", "rotate"],
            &["doctor", "--config", &config],
            &["verify"],
            &["serve", "--config", &config, "--listen", "127.0.0.1:0"],
        ] {
            for database in [&own, &wrong] {
                if words[0] == "serve" && *database == own {
                    continue;
                }
                let said = finish(self.program().args(words).args(["--database", database])).await;
                assert!(!said.err.contains("panicked") && (said.code > 0 || *database == own), "{words:?}: {said:?}");
                self.keep_said(&said, "");
            }
        }
    }

    pub fn processes(&mut self) {
        self.places.push(written::processes(&format!("--listen 127.0.0.1:0 --database {}", self.place.address())));
    }

    pub async fn databases(&mut self) {
        match self.kind {
            Kind::Sqlite => self.places.push(written::sqlite(self.place.folder.path())),
            Kind::Postgres => self.places.push(written::postgres(self.place.address()).await),
        }
    }

    /// Looks everywhere. Says what was seen.
    pub async fn finish(mut self) -> String {
        let folder = self.place.folder.path();
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let mut mails = mailbox::mails(&folder.join("tare.mail")).concat();
        for code in &self.codes {
            assert!(mails.contains(code.as_str()));
            mails = mails.replace(code.as_str(), "");
        }
        let known =
            |name: &str, text: String, known: &str| Written { name: name.to_owned(), text, known: known.to_owned() };
        self.places.extend([
            known("the log of the servers", read("serve.log"), "TRACE"),
            known("the log of the provider", read("upstream.log"), ""),
            known("the mails", mails, "To: canary-0@example.com"),
            known("an answer", self.answers, "x-tare-request-id"),
            known("what commands said", self.said, "ana@example.com"),
        ]);
        self.canaries.stand_in_none_of(&self.places);
        let kinds = self.canaries.kinds();
        assert!(kinds >= 14, "{kinds} kinds");
        let bytes: usize = self.places.iter().map(|place| place.text.len()).sum();
        let seen = format!("{kinds} kinds of secrets in none of {} places ({bytes} bytes)", self.places.len());
        self.place.close().await;
        seen
    }

    async fn get(&mut self, url: &str, headers: &[(&str, &str)]) {
        let answer = self.client.send(request("GET", url, headers, "")).await.unwrap();
        self.keep(&answer, &[]);
    }

    async fn post(&mut self, url: &str, headers: &[(&str, &str)], body: &Value, shown: &[String]) {
        let answer = self.client.send(request("POST", url, headers, body.to_string())).await.unwrap();
        assert!(answer.status >= 400, "{url}: {}", answer.text);
        self.keep(&answer, shown);
    }

    /// Keeps an answer, head and body, without what it is there to show.
    fn keep(&mut self, answer: &Answer, shown: &[String]) {
        let head: String =
            answer.headers.iter().map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap())).collect();
        let text = format!("{}\n{head}\n{}\n", answer.status, answer.text);
        self.answers.push_str(&shown.iter().fold(text, |text, shown| without(text, shown)));
    }
}

/// The text without the one mention of a secret.
fn without(text: String, shown: &str) -> String {
    assert!(text.contains(shown), "it is not shown: {text}");
    text.replacen(shown, "", 1)
}

fn request(method: &str, url: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let mut request = Request::builder().method(method).uri(url);
    request = request.header("content-type", "application/json").header("idempotency-key", random());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::new(body.into())).unwrap()
}
