//! Holds and their leases, in servers that run long, or stand still.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;
use units::WalletId;

use crate::books::{Books, assert_debited, now};
use crate::http::{Answer, Client};
use crate::servers::{Kind, Node, Person, Place};

/// A lease of the test's catalog and two pauses between sweeps.
const BEYOND_A_LEASE: u32 = 10 + 2 * 5;

async fn ask(node: &Node, person: &Person, script: &str) -> Answer {
    let content = format!("hello [[{script}]]");
    let body = json!({"model": "demo/large", "stream": true, "messages": [{"role": "user", "content": content}]});
    Client::new().chat(&node.url, &person.key, "long", &body).await.unwrap()
}

async fn is_held(books: &Books, wallet: WalletId) -> bool {
    books.wallet(wallet).await.holds().count() == 1
}

/// The answer's charge is there once, and is what the provider bills.
async fn is_charged_once(place: &Place, person: &Person, answer: &Answer) {
    let books = place.books().await;
    let rows = books.charges(person.wallet).await;
    let billed = place.upstream.sum().await.billed;
    assert_eq!(rows.iter().map(|row| row.charge.cost).collect::<Vec<_>>(), [billed]);
    assert_eq!(answer.bill().unwrap().cost, billed);
    assert_debited(&rows, person.granted, books.balance(person.wallet).await);
}

/// A request that takes longer than a lease renews it: its credits are not given to another meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_longer_than_its_lease_keeps_its_hold() {
    let place = Place::new(Kind::Sqlite).await;
    let person = place.person("ana@example.com", "5").await;
    let node = place.serve().await;
    let books = place.books().await;
    let script = format!("chunks={BEYOND_A_LEASE} delay_ms=1000");
    let asking = ask(&node, &person, &script);
    let looking = async {
        while !is_held(&books, person.wallet).await {
            sleep(Duration::from_millis(20)).await;
        }
        loop {
            for hold in books.wallet(person.wallet).await.holds() {
                assert!(hold.lease_until > now(), "the lease ran out while the model spoke");
            }
            sleep(Duration::from_millis(200)).await;
        }
    };
    let answer = tokio::select! {
        answer = asking => answer,
        () = looking => unreachable!("it looks for ever"),
    };
    assert_eq!(answer.status, 200, "{}", answer.text);
    node.stop().await;
    assert_eq!(place.log().matches("not renewed").count(), 0, "{}", place.log());
    is_charged_once(&place, &person, &answer).await;
    place.verify().await;
    place.close().await;
}

/// A server that stands still is taken for dead by the other, which closes its hold; when it goes on, the answer
/// is charged all the same, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stood_still_charges_once() {
    let place = Place::new(Kind::Postgres).await;
    let person = place.person("ana@example.com", "5").await;
    let (sleeper, other) = tokio::join!(place.serve(), place.serve());
    let books = place.books().await;
    let asking = ask(&sleeper, &person, "chunks=20 delay_ms=100");
    let stopping = async {
        while !is_held(&books, person.wallet).await {
            sleep(Duration::from_millis(20)).await;
        }
        sleeper.process.signal("STOP").await;
        let mut seconds = 0;
        while is_held(&books, person.wallet).await {
            assert!(seconds < 60, "nobody closes the hold of a server that stands still");
            sleep(Duration::from_secs(1)).await;
            seconds += 1;
        }
        assert!(books.charges(person.wallet).await.is_empty());
        sleeper.process.signal("CONT").await;
    };
    let (answer, ()) = tokio::join!(asking, stopping);
    assert_eq!(answer.status, 200, "{}", answer.text);
    tokio::join!(sleeper.stop(), other.stop());
    is_charged_once(&place, &person, &answer).await;
    place.verify().await;
    place.close().await;
}
