//! What a wallet says of itself.

use serde_json::{Value, json};

use crate::on_both;

on_both! {
    async fn a_wallet_tells_what_is_in_it(world: World) {
        let person = world.person("10").await;
        world.hold(&person, "4").await;
        let wallet = world.get(&person, "/api/v1/wallets/me").await.ok(200);
        let id = person.wallet.to_string();
        let expected = json!({"id": id, "balance": "10.00", "available": "6.00", "held": "4.00", "open_holds": 1});
        assert_eq!(wallet, expected);
        assert_eq!(world.get(&person, &format!("/api/v1/wallets/{id}")).await.ok(200), expected);
        let grants = world.get(&person, "/api/v1/wallets/me/grants").await.ok(200);
        assert_eq!(grants["items"].as_array().unwrap().len(), 1);
        assert_eq!(grants["items"][0]["source"], "operator");
        assert_eq!((&grants["items"][0]["left"], &grants["items"][0]["held"]), (&json!("10.00"), &json!("4.00")));
        assert!(grants.get("next").is_none());
        world.close().await;
    }

    /// Pages follow each other without a gap or a repetition, whatever their size.
    async fn lists_come_in_pages(world: World) {
        let person = world.person("10").await;
        let mut holds = Vec::new();
        for _ in 0..5 {
            let id = world.hold(&person, "1").await;
            world.post(&person, &format!("/api/v1/holds/{id}/settle"), &json!({"cost": "0.1"})).await.ok(200);
            holds.push(id);
        }
        holds.reverse();
        for size in [1, 2, 4, 5, 6] {
            let ids = pages(&world, &person, "charges", size).await;
            assert_eq!(ids.iter().map(|item| item["id"].as_str().unwrap()).collect::<Vec<_>>(), holds);
            let seqs = pages(&world, &person, "entries", size).await;
            assert_eq!(seqs.iter().map(|item| item["seq"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
        }
        let entries = pages(&world, &person, "entries", 200).await;
        assert_eq!((&entries[0]["from"], &entries[0]["kind"]), (&json!("promotions"), &json!("grant")));
        assert_eq!((&entries[5]["to"], &entries[5]["amount"]), (&json!("revenue"), &json!("0.10")));
        world.close().await;
    }

    /// The journal as it was: what came later is left out.
    async fn entries_stop_at_a_moment(world: World) {
        let person = world.person("10").await;
        let before = world.clock.now();
        world.clock.advance(10);
        let id = world.hold(&person, "1").await;
        world.post(&person, &format!("/api/v1/holds/{id}/settle"), &json!({"cost": "0.1"})).await.ok(200);
        let at = async |at: String| {
            let found = world.get(&person, &format!("/api/v1/wallets/me/entries?at={at}")).await.ok(200);
            found["items"].as_array().unwrap().len()
        };
        assert_eq!(at(before.to_string()).await, 1);
        assert_eq!(at(world.clock.now().to_string()).await, 2);
        assert_eq!(at("2000-01-01T00:00:00Z".to_owned()).await, 0);
        world.close().await;
    }

    async fn wallets_of_others_are_as_absent_as_none(world: World) {
        let (ours, theirs) = (world.person("1").await, world.person("1").await);
        let absent = format!("wal_{}", uuid::Uuid::now_v7().simple());
        for part in ["", "/grants", "/charges", "/entries", "/charges/hld_0190a1b2c3d47e8f8091a2b3c4d5e6f7"] {
            let of = async |wallet: String| {
                let answer = world.get(&ours, &format!("/api/v1/wallets/{wallet}{part}")).await;
                (answer.problem(404), answer.text.replace(&wallet, ""))
            };
            assert_eq!(of(theirs.wallet.to_string()).await, of(absent.clone()).await, "{part}");
            assert_eq!(of("nonsense".to_owned()).await.0, "not_found");
        }
        world.close().await;
    }
}

async fn pages(world: &crate::world::World, person: &crate::world::Person, list: &str, size: usize) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/v1/wallets/me/{list}?limit={size}{cursor}");
        let page = world.get(person, &path).await.ok(200);
        let found = page["items"].as_array().unwrap();
        assert!(found.len() <= size && !found.is_empty());
        items.extend(found.iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}
