//! The same change sent twice happens once, and answers the same: at once, concurrently, and after a restart.

use futures_util::future::join_all;
use serde_json::json;

use crate::{http::Answer, on_both, world::hold_id};

fn same(first: &Answer, again: &Answer) {
    assert_eq!((first.status, &first.text), (again.status, &again.text));
}

on_both! {
    async fn fifty_equal_posts_at_once_are_one(world: World) {
        let person = world.person("10").await;
        let id = hold_id();
        let body = json!({"id": id, "amount": "4"});
        let answers = join_all((0..50).map(|_| world.post_once(&person, "/api/v1/holds", "k1", &body))).await;
        answers.iter().for_each(|answer| same(&answers[0], answer));
        answers[0].ok(201);
        assert_eq!(world.available(&person).await, "6".parse().unwrap());

        let path = format!("/api/v1/holds/{id}/settle");
        let body = json!({"cost": "1.5"});
        let answers = join_all((0..50).map(|_| world.post_once(&person, &path, "k2", &body))).await;
        answers.iter().for_each(|answer| same(&answers[0], answer));
        answers[0].ok(200);
        assert_eq!(world.available(&person).await, "8.5".parse().unwrap());
        world.close().await;
    }

    /// An answer is kept as it was, though the wallet has changed since; also by the next process.
    async fn an_answer_is_the_same_later_and_after_a_restart(world: World) {
        let mut world = world;
        let person = world.person("10").await;
        let id = hold_id();
        let (place, settle, release) =
            ("/api/v1/holds".to_owned(), format!("/api/v1/holds/{id}/settle"), format!("/api/v1/holds/{id}/release"));
        let calls = [
            (&place, "a", json!({"id": id, "amount": "4"})),
            (&settle, "b", json!({"cost": "0.000000000000000001", "model": "m"})),
        ];
        let mut first = Vec::new();
        for (path, key, body) in &calls {
            first.push(world.post_once(&person, path, key, body).await);
        }
        let other = world.hold(&person, "1").await;
        let free = format!("/api/v1/holds/{other}/release");
        first.push(world.post_once(&person, &free, "c", &json!({})).await);
        for restarted in [false, true] {
            if restarted {
                world.restart().await;
            }
            for ((path, key, body), first) in calls.iter().zip(&first) {
                same(first, &world.post_once(&person, path, key, body).await);
            }
            same(&first[2], &world.post_once(&person, &free, "c", &json!({})).await);
        }
        // Equal keys at other routes and of other people are other keys.
        assert_eq!(world.post_once(&person, &release, "a", &json!({})).await.problem(409), "hold_closed");
        let stranger = world.person("10").await;
        world.post_once(&stranger, &place, "a", &json!({"id": id, "amount": "9"})).await.ok(201);
        world.close().await;
    }

    async fn a_key_with_other_content_is_refused_and_both_are_named(world: World) {
        let person = world.person("10").await;
        let id = hold_id();
        let body = json!({"id": id, "amount": "4"});
        world.post_once(&person, "/api/v1/holds", "k", &body).await.ok(201);
        // The same content in other words is the same.
        let reworded = json!({"amount": "4.000", "least": "4", "wallet": "me", "id": id});
        world.post_once(&person, "/api/v1/holds", "k", &reworded).await.ok(201);
        for other in [json!({"id": id, "amount": "5"}), json!({"id": hold_id(), "amount": "4"})] {
            let refused = world.post_once(&person, "/api/v1/holds", "k", &other).await;
            assert_eq!(refused.problem(409), "idempotency_conflict");
            let problem = refused.json();
            let (first, given) = (&problem["first_content"], &problem["given_content"]);
            assert!(first.is_string() && given.is_string() && first != given, "{problem}");
        }
        // A hold's id is a key too.
        let taken = world.post(&person, "/api/v1/holds", &json!({"id": id, "amount": "5"})).await;
        assert_eq!(taken.problem(409), "idempotency_conflict");
        assert_eq!(world.available(&person).await, "6".parse().unwrap());
        world.close().await;
    }

    /// A refusal changed nothing, so its key is free: with credits, the same request succeeds.
    async fn a_refusal_is_decided_again(world: World) {
        let person = world.person("1").await;
        let held = world.hold(&person, "1").await;
        let wish = json!({"id": hold_id(), "amount": "1"});
        for _ in 0..2 {
            assert_eq!(world.post_once(&person, "/api/v1/holds", "k", &wish).await.problem(402), "insufficient_credits");
        }
        world.post(&person, &format!("/api/v1/holds/{held}/release"), &json!({})).await.ok(200);
        world.post_once(&person, "/api/v1/holds", "k", &wish).await.ok(201);
        world.close().await;
    }
}
