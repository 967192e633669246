//! Signing in, sessions, keys and organizations over the API.

use futures_util::future::join_all;
use serde_json::json;

use crate::{on_both, world::Signed};

on_both! {
    /// From a mail address to a key that works, and out again.
    async fn a_person_signs_in_and_makes_a_key(world: World) {
        let sent = world.call(None, "POST", "/api/v1/sign-in/codes", &json!({"email": "ana@example.com"})).await.ok(201);
        let code = world.mailed_code("ana@example.com").await;
        let body = json!({"challenge": sent["challenge"], "code": code});
        let begun = world.call(None, "POST", "/api/v1/sign-in/sessions", &body).await;
        let cookie = begun.header("set-cookie").unwrap().to_owned();
        assert!(cookie.starts_with("tare=tare_ss_") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
        let session = begun.ok(201);
        assert_eq!(session["is_new"], true);
        let ana = Signed::of(&session);

        let me = world.call(Some(&ana), "GET", "/api/v1/me", &json!(null)).await.ok(200);
        assert_eq!((&me["user"]["email"], &me["wallet"]), (&json!("ana@example.com"), &session["wallet"]));
        let key = json!({"name": "laptop", "limit": {"amount": "1", "period": "day"}});
        let made = world.call(Some(&ana), "POST", "/api/v1/wallets/me/api-keys", &key).await.ok(201);
        let by_key = Signed { token: made["secret"].as_str().unwrap().to_owned(), ..ana.clone() };
        world.call(Some(&by_key), "GET", "/api/v1/wallets/me", &json!(null)).await.ok(200);
        let listed = world.call(Some(&ana), "GET", "/api/v1/wallets/me/api-keys", &json!(null)).await.ok(200);
        assert_eq!((&listed["items"][0]["name"], &listed["items"][0]["limit"]["amount"]), (&json!("laptop"), &json!("1.00")));
        let id = made["id"].as_str().unwrap();
        let path = format!("/api/v1/api-keys/{id}");
        let changed = world.call(Some(&ana), "PATCH", &path, &json!({"name": "desk", "limit": null})).await.ok(200);
        assert_eq!((&changed["name"], changed.get("limit")), (&json!("desk"), None));
        assert_eq!(world.call(Some(&ana), "DELETE", &path, &json!(null)).await.status, 204);
        assert_eq!(world.call(Some(&by_key), "GET", "/api/v1/wallets/me", &json!(null)).await.problem(401), "unauthenticated");

        let out = world.call(Some(&ana), "DELETE", "/api/v1/sessions/current", &json!(null)).await;
        assert_eq!(out.status, 204);
        assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
        assert_eq!(world.call(Some(&ana), "GET", "/api/v1/me", &json!(null)).await.problem(401), "unauthenticated");
        world.close().await;
    }

    /// A key that is asked for fifty times at once is one key, and its secret is told again only to who asked.
    async fn a_secret_is_made_once_and_told_again_to_who_asked(world: World) {
        let mut world = world;
        let ana = world.signed_in("ana@example.com").await;
        let path = "/api/v1/wallets/me/api-keys";
        let body = json!({"name": "laptop"});
        let answers = join_all((0..50).map(|_| world.call_once(&ana, path, "k", &body))).await;
        for answer in &answers {
            assert_eq!((answer.status, &answer.text), (201, &answers[0].text));
        }
        world.restart().await;
        assert_eq!(world.call_once(&ana, path, "k", &body).await.text, answers[0].text);
        let other = world.call_once(&ana, path, "k", &json!({"name": "desk"})).await;
        assert_eq!(other.problem(409), "idempotency_conflict");
        assert!(other.json()["first_content"].is_string());
        let keys = world.call(Some(&ana), "GET", path, &json!(null)).await.ok(200);
        assert_eq!(keys["items"].as_array().unwrap().len(), 1);
        // The same person elsewhere knows the key, and not what opens the answer.
        let elsewhere = world.signed_in_again(&ana).await;
        assert_eq!(world.call_once(&elsewhere, path, "k", &body).await.problem(409), "answer_lost");
        // Somebody else's equal key is another key.
        let bob = world.signed_in("bob@example.com").await;
        world.call_once(&bob, path, "k", &body).await.ok(201);
        world.close().await;
    }

    async fn a_team_is_founded_and_joined(world: World) {
        let (ana, bob) = (world.signed_in("ana@example.com").await, world.signed_in("bob@example.com").await);
        let founded = world.call(Some(&ana), "POST", "/api/v1/organizations", &json!({"name": "Acme"})).await.ok(201);
        let path = format!("/api/v1/organizations/{}", founded["id"].as_str().unwrap());
        let wish = json!({"email": "bob@example.com", "role": "member"});
        world.call(Some(&ana), "POST", &format!("{path}/invitations"), &wish).await.ok(201);
        assert_eq!(world.call(Some(&bob), "GET", &path, &json!(null)).await.problem(404), "not_found");
        let mine = world.call(Some(&bob), "GET", "/api/v1/invitations", &json!(null)).await.ok(200);
        let invitation = mine["items"][0]["id"].as_str().unwrap().to_owned();
        world.call(Some(&bob), "POST", &format!("/api/v1/invitations/{invitation}/accept"), &json!(null)).await.ok(200);
        let shown = world.call(Some(&bob), "GET", &path, &json!(null)).await.ok(200);
        assert_eq!((&shown["role"], &shown["seats_used"]), (&json!("member"), &json!(2)));
        let denied = world.call(Some(&bob), "PATCH", &path, &json!({"name": "Bob's"})).await;
        assert_eq!(denied.problem(403), "forbidden");
        let limit = json!({"limit": "0.5"});
        let user = bob.user.to_string();
        let set = world.call(Some(&ana), "PUT", &format!("{path}/members/{user}/daily-limit"), &limit).await;
        assert_eq!(set.status, 204, "{}", set.text);
        let members = world.call(Some(&ana), "GET", &format!("{path}/members"), &json!(null)).await.ok(200);
        assert!(members["items"].as_array().unwrap().iter().any(|member| member["daily_limit"] == "0.50"));
        let policy = json!({"models": {"deny": ["demo/*"]}, "data": "no_training"});
        let set = world.call(Some(&ana), "PUT", &format!("{path}/policies"), &policy).await.ok(200);
        assert_eq!((&set["policy"]["models"]["deny"][0], &set["version"]), (&json!("demo/*"), &json!(1)));
        let log = world.call(Some(&ana), "GET", &format!("{path}/audit"), &json!(null)).await.ok(200);
        assert!(log["items"].as_array().unwrap().len() >= 5);
        let csv = world.call(Some(&ana), "GET", &format!("{path}/audit.csv"), &json!(null)).await;
        assert!(csv.status == 200 && csv.text.starts_with("at,"), "{}", csv.text);
        let last = world.call(Some(&ana), "POST", &format!("{path}/leave"), &json!(null)).await;
        assert_eq!(last.problem(409), "last_owner");
        assert_eq!(world.call(Some(&ana), "DELETE", &format!("{path}/members/{user}"), &json!(null)).await.status, 204);
        assert_eq!(world.call(Some(&bob), "GET", &path, &json!(null)).await.problem(404), "not_found");
        world.close().await;
    }
}
