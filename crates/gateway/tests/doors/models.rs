//! The list of models, and who may ask free ones.

use std::net::IpAddr;

use gateway::Network;
use serde_json::json;

use crate::{
    http::send,
    world::{Wish, World, ask},
};

#[tokio::test]
async fn the_list_has_what_somebody_serves_with_prices_for_a_token() {
    let world = World::open().await;
    let list = world.get("/v1/models").await.json();
    assert_eq!(list["object"], "list");
    let ids: Vec<&str> = list["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["demo/chat:free", "demo/large", "demo/reports-cost", "demo/small"]);
    for entry in list["data"].as_array().unwrap() {
        assert!(entry["name"].is_string() && entry["context_length"].is_u64() && entry["created"].is_i64(), "{entry}");
        assert_eq!((&entry["object"], &entry["owned_by"]), (&json!("model"), &json!("demo")));
        let one = world.get(&format!("/v1/models/{}", entry["id"].as_str().unwrap())).await;
        assert_eq!(one.json(), *entry);
    }
    let small = world.get("/v1/models/demo%2Fsmall").await.json();
    assert_eq!(small["pricing"]["prompt"], "0.0000001");
    assert_eq!(small["isFree"], false);
    world.close_exact().await;
}

#[tokio::test]
async fn free_requests_are_counted_by_address_and_nobody_chooses_theirs() {
    let mut wish = Wish::default();
    wish.catalog.limits.free_per_hour = 1;
    let direct = World::with(wish).await;
    let status = async |world: &World, forwarded: &str| {
        let headers = [("authorization", &*world.bearer()), ("x-forwarded-for", forwarded)];
        let body = ask("demo/chat:free", "hello").to_string();
        send(world.address, "POST", "/v1/chat/completions", &headers, body.as_bytes()).await.status
    };
    assert_eq!(status(&direct, "198.51.100.1").await, 200);
    assert_eq!(status(&direct, "198.51.100.2").await, 429);
    direct.close_exact().await;

    let mut wish = Wish::default();
    wish.catalog.limits.free_per_hour = 1;
    wish.settings.trusted_proxies = vec!["127.0.0.0/8".parse::<Network>().unwrap()];
    assert!(wish.settings.trusted_proxies[0].contains(IpAddr::from([127, 0, 0, 1])));
    let behind_proxy = World::with(wish).await;
    assert_eq!(status(&behind_proxy, "198.51.100.1").await, 200);
    assert_eq!(status(&behind_proxy, "198.51.100.2").await, 200);
    assert_eq!(status(&behind_proxy, "198.51.100.7, 198.51.100.1").await, 429);
    behind_proxy.close_exact().await;
}
