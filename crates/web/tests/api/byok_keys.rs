//! Provider keys over the API: checked with the provider, kept once, replaced, forgotten, and never shown.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::on_both;

const FIRST: &str = "sk-canary-first-0001";
const SECOND: &str = "sk-canary-second-0002";
const ENDED: &str = "sk-canary-ended-0003";

fn wish(key: &str) -> Value {
    json!({"provider": "demo", "name": "mine", "key": key})
}

on_both! {
    async fn a_provider_key_is_checked_kept_once_and_never_shown(world: World) {
        let ana = world.signed_in(&format!("{}@example.com", Uuid::now_v7().simple())).await;
        let path = "/api/v1/wallets/me/byok-keys";
        world.demo.end_keys(&[ENDED]);
        let mut said = String::new();

        let refused = world.call_once(&ana, path, "k", &wish(ENDED)).await;
        assert_eq!(refused.problem(422), "provider_key_refused");
        let short = world.call_once(&ana, path, "k", &wish("sk-canary")).await;
        assert_eq!(short.problem(422), "invalid_field");
        let unknown = json!({"provider": "nobody", "name": "mine", "key": FIRST});
        assert_eq!(world.call_once(&ana, path, "k", &unknown).await.problem(422), "invalid_field");
        said += &(refused.text + &short.text);

        // What was refused changed nothing, so its key is free; what was kept is kept once.
        let kept = world.call_once(&ana, path, "k", &wish(FIRST)).await;
        let again = world.call_once(&ana, path, "k", &wish(FIRST)).await;
        assert_eq!((again.status, &again.text), (201, &kept.text));
        let other = world.call_once(&ana, path, "k", &wish(SECOND)).await;
        assert_eq!(other.problem(409), "idempotency_conflict");
        let twice = world.call_once(&ana, path, "l", &wish(SECOND)).await;
        assert_eq!(twice.problem(409), "exists");
        said += &(kept.text.clone() + &other.text + &twice.text);

        let kept = kept.ok(201);
        assert_eq!((&kept["provider"], &kept["ends_in"]), (&json!("demo"), &json!("0001")));
        let listed = world.call(Some(&ana), "GET", path, &Value::Null).await;
        assert_eq!(listed.ok(200)["items"], json!([kept]));
        let one = format!("{path}/{}", kept["id"].as_str().unwrap());
        let ended = world.call(Some(&ana), "PATCH", &one, &json!({"key": ENDED})).await;
        assert_eq!(ended.problem(422), "provider_key_refused");
        let replaced = world.call(Some(&ana), "PATCH", &one, &json!({"key": SECOND})).await;
        assert_eq!((&replaced.ok(200)["id"], &replaced.json()["ends_in"]), (&kept["id"], &json!("0002")));
        said += &(listed.text + &ended.text + &replaced.text);

        assert_eq!(world.call(Some(&ana), "DELETE", &one, &Value::Null).await.status, 204);
        assert_eq!(world.call(Some(&ana), "DELETE", &one, &Value::Null).await.problem(404), "not_found");
        assert_eq!(world.call(Some(&ana), "GET", path, &Value::Null).await.ok(200)["items"], json!([]));
        assert!(!said.contains("canary"), "{said}");
        world.close().await;
    }
}
