//! What is wrong is named, and changes nothing.

use serde_json::json;

use crate::world::{Person, World, hold_id};

const HOLDS: &str = "/api/v1/holds";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_field_is_named() {
    let world = World::sqlite().await;
    let person = world.person("10").await;
    let id = hold_id();
    let wishes = [
        (json!({"id": id, "amount": 1}), "amount"),
        (json!({"id": id, "amount": "1e3"}), "amount"),
        (json!({"id": id, "amount": "-1"}), "amount"),
        (json!({"id": id, "amount": "0.1234567891"}), "amount"),
        (json!({"id": id, "amount": "9999999999"}), "amount"),
        (json!({"id": id, "amount": "1", "least": null, "price": "0"}), "price"),
        (json!({"id": "hld_7", "amount": "1"}), "id"),
        (json!({"id": id}), "body"),
        (json!({"id": id, "amount": "1", "lease_seconds": 0}), "lease_seconds"),
        (json!({"id": id, "amount": "1", "lease_seconds": 86_401}), "lease_seconds"),
        (json!({"id": id, "amount": "1", "lease_seconds": 1.5}), "lease_seconds"),
        (json!({"id": id, "amount": "1", "wallet": "yours"}), "wallet"),
        (json!([]), "body"),
    ];
    for (wish, field) in wishes {
        let refused = world.post(&person, HOLDS, &wish).await;
        assert_eq!(refused.problem(422), "invalid_field", "{wish}");
        assert_eq!(refused.json()["field"], field, "{wish}: {}", refused.text);
    }
    for (amount, least) in [("0", "0"), ("1", "2"), ("1", "0")] {
        let refused = world.post(&person, HOLDS, &json!({"id": id, "amount": amount, "least": least})).await;
        assert_eq!(refused.problem(422), "amount_out_of_range");
    }
    let long = "x".repeat(201);
    for (field, value) in [("model", long.as_str()), ("project", "a\u{7}b"), ("provider", "\u{0}")] {
        let refused = world.post(&person, &format!("{HOLDS}/{id}/settle"), &json!({"cost": "1", field: value})).await;
        assert_eq!((refused.problem(422), &refused.json()["field"]), ("invalid_field".to_owned(), &json!(field)));
    }
    assert_eq!(world.available(&person).await, "10".parse().unwrap());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_json_is_refused_with_its_place() {
    let world = World::sqlite().await;
    let person = world.person("10").await;
    let deep = format!("{{\"id\":{}{}}}", "[".repeat(500), "]".repeat(500));
    let twice = format!("{{\"id\":\"{}\",\"amount\":\"1\",\"amount\":\"2\"}}", hold_id());
    for (body, status, code) in [
        ("{", 400, "malformed_json"),
        ("{} {}", 422, "invalid_field"),
        ("\u{1}", 400, "malformed_json"),
        (&*deep, 422, "invalid_field"),
        (&*twice, 422, "invalid_field"),
        ("", 400, "malformed_json"),
    ] {
        assert_eq!(send(&world, &person, &[], body).await.problem(status), code, "{body}");
    }
    let large = send(&world, &person, &[], &" ".repeat((1 << 20) + 1)).await;
    assert_eq!((large.problem(413), large.header("connection")), ("body_too_large".to_owned(), Some("close")));
    let form = send(&world, &person, &[("content-type", "application/x-www-form-urlencoded")], "id=1").await;
    assert_eq!(form.problem(415), "unsupported_media_type");
    let plain = send(&world, &person, &[("content-type", "text/plain")], "{}").await;
    assert_eq!(plain.problem(415), "unsupported_media_type");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_post_needs_a_key_that_can_be_one() {
    let world = World::sqlite().await;
    let person = world.person("10").await;
    let body = json!({"id": hold_id(), "amount": "1"}).to_string();
    let bearer = format!("Bearer {}", person.key);
    let given = [("authorization", &*bearer), ("content-type", "application/json")];
    let long = "k".repeat(256);
    for keys in [&[][..], &[("idempotency-key", "")], &[("idempotency-key", &long)], &[("idempotency-key", "a b")]] {
        let headers: Vec<_> = given.iter().chain(keys).copied().collect();
        let refused = world.client.send(world.address, "POST", HOLDS, &headers, body.clone()).await;
        assert_eq!(refused.problem(400), "idempotency_key_required");
    }
    assert_eq!(world.available(&person).await, "10".parse().unwrap());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_shows_no_key_of_ours_is_nobody() {
    let world = World::sqlite().await;
    let mut person = world.person("10").await;
    let get =
        async |headers: &[(&str, &str)], path: &str| world.client.send(world.address, "GET", path, headers, "").await;
    assert_eq!(get(&[], "/api/v1/wallets/me").await.problem(401), "unauthenticated");
    assert_eq!(get(&[("authorization", "Basic abc")], "/api/v1/wallets/me").await.problem(401), "unauthenticated");
    let bearer = format!("Bearer {}", person.key);
    let both = [("authorization", &*bearer), ("authorization", &*bearer)];
    assert_eq!(get(&both, "/api/v1/wallets/me").await.problem(401), "unauthenticated");
    let in_address = get(&both[..1], "/api/v1/wallets/me?api_key=1").await;
    assert_eq!(in_address.problem(401), "unauthenticated");
    assert_eq!(in_address.header("www-authenticate"), Some("Bearer"));
    let last = if person.key.ends_with('0') { "1" } else { "0" };
    person.key.replace_range(person.key.len() - 1.., last);
    let unknown = world.get(&person, "/api/v1/wallets/me").await;
    assert_eq!(unknown.problem(401), "unauthenticated");
    assert!(!unknown.text.contains(&person.key));
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_query_and_a_wrong_path_are_named() {
    let world = World::sqlite().await;
    let person = world.person("10").await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "query"),
        ("cursor=nonsense", "cursor"),
        ("page=2", "query"),
        ("limit=1&limit=2", "query"),
    ] {
        let refused = world.get(&person, &format!("/api/v1/wallets/me/charges?{query}")).await;
        assert_eq!(
            (refused.problem(422), &refused.json()["field"]),
            ("invalid_field".to_owned(), &json!(field)),
            "{query}"
        );
    }
    let refused = world.get(&person, "/api/v1/wallets/me/entries?at=yesterday").await;
    assert_eq!((refused.problem(422), &refused.json()["field"]), ("invalid_field".to_owned(), &json!("at")));
    assert_eq!(world.get(&person, "/api/v1/nothing").await.problem(404), "not_found");
    assert_eq!(world.get(&person, "/api/v1/wallets/%ff").await.problem(404), "not_found");
    assert_eq!(world.get(&person, HOLDS).await.problem(405), "method_not_allowed");
    let large = "x".repeat(33_000);
    let headers = [("x-large", &*large)];
    let answer = world.client.send(world.address, "GET", "/api/v1/wallets/me", &headers, "").await;
    assert_eq!(answer.problem(431), "headers_too_large");
    world.close().await;
}

async fn send(world: &World, person: &Person, more: &[(&str, &str)], body: &str) -> crate::http::Answer {
    let bearer = format!("Bearer {}", person.key);
    let mut headers = vec![("authorization", &*bearer), ("idempotency-key", "k")];
    match more {
        [] => headers.push(("content-type", "application/json; charset=utf-8")),
        more => headers.extend(more),
    }
    world.client.send(world.address, "POST", HOLDS, &headers, body.to_owned()).await
}
