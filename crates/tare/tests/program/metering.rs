//! T8 of RELIABILITY.md for clients that meter by themselves: 200 holds at once, by both servers, on a balance for ten;
//! then each of the ten is settled twice at once, with one key at both servers.

use futures_util::future::join_all;
use serde_json::json;
use units::{Amount, HoldId};
use uuid::Uuid;

use crate::http::{Answer, Client};
use crate::is_release_size;
use crate::servers::{Kind, Place};

const AT_ONCE: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_metered_holds_share_a_balance_for_ten() {
    let rounds = if is_release_size() { 1_000 } else { 5 };
    let place = Place::new(Kind::Postgres).await;
    let nodes = [place.serve().await, place.serve().await];
    let (client, books) = (Client::new(), place.books().await);
    for round in 0..rounds {
        let person = place.person(&format!("round-{round}@example.com"), "1").await;
        let post = |node: usize, path: String, key: String, body: serde_json::Value| {
            let (client, url, key_of) =
                (client.clone(), format!("{}/api/v1/holds{path}", nodes[node].url), &person.key);
            async move { client.post(&url, key_of, &key, &body).await.unwrap() }
        };
        let holds: Vec<HoldId> = (0..AT_ONCE).map(|n| HoldId::from_uuid(Uuid::from_u128(n as u128 + 1))).collect();
        let placing = holds.iter().enumerate();
        let placing =
            placing.map(|(n, id)| post(n % 2, String::new(), format!("place-{n}"), json!({"id": id, "amount": "0.1"})));
        let answers = join_all(placing).await;
        let count = |status| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((count(201), count(402)), (10, AT_ONCE - 10), "round {round}");
        let wallet = books.wallet(person.wallet).await;
        assert_eq!((wallet.held(), wallet.holds().count()), (person.granted, 10));

        let placed = holds.iter().zip(&answers).filter(|(_, answer)| answer.status == 201).map(|(id, _)| id);
        let settling = placed.flat_map(|id| {
            let settle = |node| post(node, format!("/{id}/settle"), format!("settle-{id}"), json!({"cost": "0.07"}));
            [settle(0), settle(1)]
        });
        let settled: Vec<Answer> = join_all(settling).await;
        assert!(settled.iter().all(|answer| answer.status == 200), "{settled:?}");
        for twice in settled.chunks(2) {
            assert_eq!(twice[0].text, twice[1].text);
        }
        let left: Amount = "0.3".parse().unwrap();
        let wallet = books.wallet(person.wallet).await;
        assert_eq!((wallet.held(), books.balance(person.wallet).await), (Amount::ZERO, left));
        assert_eq!(books.charges(person.wallet).await.len(), 10);
    }
    for node in nodes {
        node.stop().await;
    }
    place.verify().await;
    place.close().await;
    println!(
        "{rounds} rounds of {AT_ONCE} holds at once at two servers: ten placed, each charged once by two settlements"
    );
}
