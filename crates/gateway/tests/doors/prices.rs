//! Which prices count, and that every answer has its own charge.

use std::{collections::HashMap, time::Duration};

use billing::{CostSource, PriceBook};
use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::time::sleep;
use units::Cost;

use crate::world::{Books, Wish, World, ask, ask_stream};

/// Prices that change at midnight of a leap day, while a request runs.
const CHANGING: &str = r#"
provider = "demo"
source = "Made up for a test"
read_on = 2028-02-28

[[model]]
id = "demo/small"
name = "Demo Small"
context_length = 128000
max_output_tokens = 4096

[[model.prices]]
effective_from = 2028-02-01
input = "1"
output = "2"

[[model.prices]]
effective_from = 2028-03-01
input = "100"
output = "200"

[[model]]
id = "demo/large"
name = "Costs nothing here, and is not called free"
context_length = 128000

[[model.prices]]
input = "0"
output = "0"
"#;

fn changing() -> PriceBook {
    PriceBook::parse(&[("changing.toml", CHANGING)]).unwrap()
}

#[tokio::test]
async fn the_prices_of_admission_count_to_the_end() {
    let world = World::with(Wish { prices: changing(), ..Wish::default() }).await;
    let slow = ask_stream("demo/small", "hello [[first_ms=100 p=1000 tokens=100]]");
    let midnight = async {
        sleep(Duration::from_millis(50)).await;
        world.clock.advance(5);
    };
    let (answer, ()) = tokio::join!(world.chat(&slow), midnight);
    assert_eq!(answer.bill().unwrap().0, "0.0012");
    assert_eq!(world.chat(&slow).await.bill().unwrap().0, "0.12");
    let versions: Vec<String> =
        world.charges().await.into_iter().map(|row| row.usage.unwrap().price_version.unwrap()).collect();
    assert!(versions[0].starts_with("demo/small@2028-03-01."), "{versions:?}");
    assert!(versions[1].starts_with("demo/small@2028-02-01."), "{versions:?}");
    world.close().await;
}

/// A model of one's own that costs nothing needs no credits, and is no public gift either: it is not
/// limited by the hour.
#[tokio::test]
async fn a_price_of_zero_needs_no_credits() {
    let mut wish = Wish { prices: changing(), balance: "0", ..Wish::default() };
    wish.catalog.limits.free_per_hour = 0;
    let world = World::with(wish).await;
    assert_eq!(world.chat(&ask("demo/large", "hello")).await.bill().unwrap().0, "0.00");
    let charges = world.charges().await;
    assert_eq!(charges[0].usage.as_ref().unwrap().cost_source, CostSource::Priced);
    assert_eq!(charges[0].charge.transfers, 0);
    world.close().await;
}

/// Hundreds of mixed requests at once: each answer of the upstream is one charge, and each charge one answer.
async fn each_answer_is_one_charge(books: Books, count: usize) {
    let world = World::with(Wish { books, balance: "1000", ..Wish::default() }).await;
    let models = ["demo/small", "demo/large", "demo/reports-cost", "demo/chat:free"];
    let scripts = ["ok", "p=1000 cr=300 cw=100", "reasoning=9", "tokens=333 chunks=40", "500", "zero_usage"];
    let send = async |n: usize| {
        let message = format!("hello {n} [[{}]]", scripts[n % scripts.len()]);
        let mut body = ask(models[n % models.len()], &message);
        body["stream"] = json!(n.is_multiple_of(3));
        body["user"] = json!(format!("tag-{n}"));
        let answer = world.chat(&body).await;
        (format!("tag-{n}"), answer)
    };
    let answers: Vec<_> = stream::iter(0..count).map(send).buffer_unordered(32).collect().await;
    world.settle().await;
    let charges = world.charges().await;
    let by_request: HashMap<String, Cost> =
        charges.iter().map(|row| (row.usage.as_ref().unwrap().request.to_string(), row.charge.cost)).collect();
    assert_eq!(by_request.len(), charges.len(), "a request was charged twice");
    let calls = world.demo.truth().calls();
    for (tag, answer) in &answers {
        let [call] = calls.iter().filter(|call| call.tag == *tag).collect::<Vec<_>>()[..] else { panic!("{tag}") };
        let charged = by_request.get(answer.header("x-tare-request-id").unwrap());
        match answer.status {
            200 => {
                assert_eq!(charged, Some(&call.billed), "{tag}");
                assert_eq!(answer.bill().unwrap().0, call.billed.to_string(), "{tag}");
            }
            _ => assert_eq!((answer.status, charged, call.billed), (502, None, Cost::ZERO), "{tag}"),
        }
    }
    world.close_exact().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_answer_is_one_charge_on_sqlite() {
    each_answer_is_one_charge(Books::Sqlite, 600).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_answer_is_one_charge_on_postgres() {
    each_answer_is_one_charge(Books::Postgres, 600).await;
}
