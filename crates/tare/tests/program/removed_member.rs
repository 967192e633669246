//! Show 3: a member who is removed stops at once on every server, and what still runs settles.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::books::{assert_debited, tag};
use crate::http::Client;
use crate::office::Office;
use crate::servers::{Kind, Place};

fn ask(script: &str) -> Value {
    let content = format!("hello [[{script}]]");
    json!({"model": "demo/small", "stream": true, "messages": [{"role": "user", "content": content}]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_members_key_ends_on_both_servers_and_their_stream_settles() {
    let place = Place::new(Kind::Postgres).await;
    place.person("ana@example.com", "0").await;
    place.person("ben@example.com", "0").await;
    let office = Office::open(&place.database).await;
    let (ana, ben) = (office.user("ana@example.com").await, office.user("ben@example.com").await);
    let team = office.found("Apples", ana).await;
    office.join(team.organization, ben).await;
    let granted = "5".parse().unwrap();
    let gift = operations::grant::AdjustWallet {
        wallet: team.wallet,
        amount: granted,
        reason: "a test".to_owned(),
        key: None,
    };
    operations::grant::adjust(&office.services, &office.ctx(), gift).await.unwrap();
    let key = office.key(team.wallet, ben).await;
    let (first, second) = tokio::join!(place.serve(), place.serve());
    let client = Client::new();
    for node in [&first, &second] {
        let answer = client.chat(&node.url, &key, &format!("before {}", node.url), &ask("ok")).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    // A stream of some seconds is on its way when the member is removed, by a third process.
    let (url, own) = (first.url.clone(), key.clone());
    let body = ask("tokens=60 chunks=30 delay_ms=200");
    let streaming = tokio::spawn(async move { Client::new().chat(&url, &own, "stream", &body).await });
    while place.upstream.sum().await.open == 0 {
        sleep(Duration::from_millis(10)).await;
    }
    office.remove(team.organization, ben).await;
    // The very next request at each server is refused: a second is given, none is needed.
    for node in [&first, &second] {
        let refused = client.chat(&node.url, &key, "after", &ask("ok")).await.unwrap();
        assert_eq!(refused.status, 401, "{}", refused.text);
    }
    assert!(!streaming.is_finished(), "the stream still ran when its key had ended");
    let answer = streaming.await.unwrap().unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.text.ends_with("data: [DONE]\n\n"), "{}", answer.text);

    first.stop().await;
    second.stop().await;
    let calls = place.upstream.calls().await;
    assert!(!calls.contains_key("after") && calls.len() == 3, "no call after the removal: {calls:?}");
    let books = place.books().await;
    let rows = books.charges(team.wallet).await;
    for row in &rows {
        assert_eq!(row.charge.cost, calls[tag(row)].billed);
    }
    assert_eq!(answer.bill().unwrap().cost, calls["stream"].billed);
    assert_eq!(books.wallet(team.wallet).await.holds().count(), 0);
    assert_debited(&rows, granted, books.balance(team.wallet).await);
    office.close().await;
    place.verify().await;
    place.close().await;
}
