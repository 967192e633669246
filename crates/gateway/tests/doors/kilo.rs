//! The calls of Kilo's clients, in the shapes that they read.

use operations::{Caller, device};
use serde_json::{Value, json};
use store::{SessionKind, SessionRow};
use units::{Seconds, SessionId, UserId};

use crate::{
    http::{Answer, send},
    world::{Wish, World, ask, ask_stream},
};

async fn get(world: &World, token: &str, path: &str) -> Answer {
    send(world.address, "GET", path, &[("authorization", &format!("Bearer {token}"))], b"").await
}

async fn chat(world: &World, token: &str, body: &Value) -> Answer {
    let headers = [("authorization", &*format!("Bearer {token}")), ("content-type", "application/json")];
    send(world.address, "POST", "/api/openrouter/chat/completions", &headers, body.to_string().as_bytes()).await
}

/// The person of the world's key, signed in in a browser.
async fn in_a_browser(world: &World) -> (UserId, Caller) {
    let reader = world.services.store.reader();
    let Some(store::Holder::User(user)) = reader.find_wallet(world.wallet).await.unwrap().map(|wallet| wallet.holder)
    else {
        panic!("the wallet is a person's")
    };
    let session = SessionRow {
        id: SessionId::from_uuid(uuid::Uuid::now_v7()),
        user,
        kind: SessionKind::Browser,
        secret_hash: [7; 32],
        client: "a browser".to_owned(),
        created_at: world.clock.now(),
        last_seen_at: world.clock.now(),
        expires_at: world.clock.now().plus(Seconds(3600)),
        revoked_at: None,
    };
    let caller = Caller::Person { user, session: session.id };
    world.services.store.write(async move |tx| tx.insert_session(&session).await).await.unwrap();
    (user, caller)
}

async fn start(world: &World) -> Value {
    let headers = [("user-agent", "kilo/7.7.7")];
    send(world.address, "POST", "/api/device-auth/codes", &headers, b"").await.json()
}

/// A token, got as a command line gets it.
async fn sign_in(world: &World) -> String {
    let (user, caller) = in_a_browser(world).await;
    let started = start(world).await;
    let code = started["code"].as_str().unwrap();
    assert_eq!(started["verificationUrl"], format!("https://tare.example/device?code={code}"));
    assert_eq!(started["expiresIn"], 600);
    let poll = async || send(world.address, "GET", &format!("/api/device-auth/codes/{code}"), &[], b"").await;
    let waiting = poll().await;
    assert_eq!((waiting.status, waiting.json()), (202, json!({"status": "pending"})));
    device::approve(&world.services, &world.clock.context(), &caller, code).await.unwrap();
    let approved = poll().await;
    assert_eq!(approved.status, 200);
    let told = approved.json();
    assert_eq!((&told["status"], &told["userId"]), (&json!("approved"), &json!(user)));
    assert!(!told["userEmail"].as_str().unwrap().is_empty());
    // The token is handed out once.
    assert_eq!(poll().await.status, 410);
    told["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_device_signs_in_and_spends_its_persons_credits() {
    let world = World::open().await;
    let token = sign_in(&world).await;
    let profile = get(&world, &token, "/api/profile").await.json();
    let id = profile["user"]["id"].as_str().unwrap();
    assert!(id.starts_with("usr_") && profile["user"]["email"].as_str().unwrap().ends_with("@example.com"));
    assert_eq!(profile["organizations"], json!([]));
    assert_eq!((&profile["selectedOrganizationId"], &profile["hasPersonalAccount"]), (&Value::Null, &json!(true)));
    assert_eq!(get(&world, &token, "/api/user").await.status, 200);

    let answer = chat(&world, &token, &ask_stream("demo/small", "hello")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.reply().starts_with("You said: \"hello\""));
    let usage = answer.events().pop().unwrap();
    assert_eq!(usage["choices"], json!([]), "usage is told though nobody asked for it");
    assert!(usage["usage"]["completion_tokens"].as_u64().unwrap() > 0);
    let record = world.charges().await.remove(0).usage.unwrap();
    assert_eq!((record.user.map(|user| user.to_string()).as_deref(), record.api_key), (Some(id), None));

    // A number with every digit of the balance.
    let balance = get(&world, &token, "/api/profile/balance").await;
    let digits = world.available().await.to_string();
    assert_eq!(balance.text(), format!("{{\"balance\":{digits},\"isDepleted\":false}}"));
    world.close_exact().await;
}

#[tokio::test]
async fn a_device_that_is_denied_or_late_gets_nothing() {
    let world = World::open().await;
    let (_, caller) = in_a_browser(&world).await;
    let poll = async |code: &str| send(world.address, "GET", &format!("/api/device-auth/codes/{code}"), &[], b"").await;
    let denied = start(&world).await["code"].as_str().unwrap().to_owned();
    device::deny(&world.services, &world.clock.context(), &caller, &denied).await.unwrap();
    assert_eq!(poll(&denied).await.status, 403);
    let late = start(&world).await["code"].as_str().unwrap().to_owned();
    world.clock.advance(600);
    assert_eq!(poll(&late).await.status, 410);
    assert_eq!(poll("AAAA-AAAA").await.status, 410);
    for _ in 0..world.services.catalog.current().limits.devices_per_network {
        assert!(start(&world).await["code"].is_string());
    }
    let many = send(world.address, "POST", "/api/device-auth/codes", &[], b"").await;
    assert_eq!(many.status, 429, "{}", many.text());
    world.close_exact().await;
}

#[tokio::test]
async fn models_and_defaults_are_listed_as_the_client_reads_them() {
    let world = World::open().await;
    for token in [Some(&world.key), None] {
        let headers: Vec<(&str, String)> =
            token.map(|key| ("authorization", format!("Bearer {key}"))).into_iter().collect();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, &**value)).collect();
        for base in ["/api/openrouter", "/api/gateway"] {
            let list = send(world.address, "GET", &format!("{base}/models"), &headers, b"").await.json();
            let data = list["data"].as_array().unwrap();
            assert!(!data.is_empty());
            for (place, model) in data.iter().enumerate() {
                assert!(model["id"].is_string() && model["name"].is_string(), "{model}");
                assert!(model["context_length"].as_u64().is_some_and(|length| length > 0), "{model}");
                assert_eq!((&model["preferredIndex"], &model["hasUserByokAvailable"]), (&json!(place), &json!(false)));
                assert!(model["pricing"]["prompt"].is_string() && model.get("isFree").is_none(), "{model}");
            }
        }
        let defaults = send(world.address, "GET", "/api/defaults", &headers, b"").await.json();
        let names: Vec<&Value> = ["defaultModel", "defaultFreeModel"].iter().map(|name| &defaults[*name]).collect();
        assert_eq!(names, [&json!("demo/large"), &json!("demo/chat:free")]);
    }
    world.close_exact().await;
}

#[tokio::test]
async fn what_the_client_may_ask_beside_has_an_answer() {
    let world = World::open().await;
    let told = async |path: &str| get(&world, &world.key, path).await.json();
    assert_eq!(told("/api/users/notifications").await, json!({"notifications": []}));
    let state = told("/api/trpc/kiloPass.getState?batch=1&input=%7B%220%22%3Anull%7D").await;
    assert_eq!(state, json!([{"result": {"data": {"subscription": null}}}]));
    for path in ["/api/profile", "/api/profile/balance", "/api/user", "/api/users/notifications"] {
        let answer = get(&world, "tare_sk_wrong", path).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.json()["success"], json!(false), "{path}: {}", answer.text());
    }
    world.close_exact().await;
}

#[tokio::test]
async fn refusals_have_the_shape_of_their_status() {
    let world = World::with(Wish { balance: "0", ..Wish::default() }).await;
    let nobody = chat(&world, "anonymous", &ask("demo/small", "hello")).await;
    assert_eq!((nobody.status, &nobody.json()["error"]["code"]), (401, &json!("PAID_MODEL_AUTH_REQUIRED")));
    let credits = chat(&world, &world.key, &ask("demo/small", "hello")).await;
    let error = &credits.json()["error"];
    assert_eq!((credits.status, &error["buyCreditsUrl"]), (402, &json!("https://tare.example/profile")));
    assert!(credits.text().contains("\"balance\":0.00,") && error["title"].is_string() && error["message"].is_string());
    for word in ["rate limit", "overload", "unavailable", "internal", "server error", "timed out", "429", "503"] {
        assert!(!credits.text().to_lowercase().contains(word), "{}", credits.text());
    }
    let unknown = chat(&world, &world.key, &ask("demo/none", "hello")).await;
    assert_eq!((unknown.status, unknown.json()["error"].is_string()), (404, true));
    let bearer = [("authorization", &*world.bearer())];
    let malformed = send(world.address, "POST", "/api/openrouter/chat/completions", &bearer, b"{").await;
    assert_eq!((malformed.status, malformed.json()["error"].is_string()), (400, true));
    // The other doors keep OpenAI's shape.
    assert_eq!(world.chat(&ask("demo/small", "hello")).await.code(402), "insufficient_credits");
    world.close_exact().await;
}

/// What Kilo's own wire has beside OpenAI's fields does not reach a strict provider.
#[tokio::test]
async fn fields_of_another_wire_stay_here() {
    let world = World::open().await;
    let mut body = ask_stream("demo/small", "hello");
    body["description"] = json!("a model");
    body["usage"] = json!({"include": true});
    assert_eq!(chat(&world, &world.key, &body).await.status, 200);
    world.close_exact().await;
}
