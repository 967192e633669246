//! Show 4 (RELIABILITY.md, T8): 256 requests at once on a balance that pays for ten.
//!
//! In an exact round each request holds precisely what it will cost, so whatever the order in which they are
//! held, answered and settled, ten are served. In the other rounds the provider counts fewer or more tokens
//! than were held for: then what was spent, and what was available all the while, is what must hold.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::join_all;
use serde_json::{Value, json};
use units::{Amount, Cost};

use crate::books::{Books, assert_debited, by_tag, now, tag};
use crate::http::Client;
use crate::is_release_size;
use crate::servers::{Kind, Node, Person, Place};
use crate::upstream::Call;

const CROWD: usize = 256;
const PAYS_FOR: i64 = 10;

/// Tokens of output, and what one of them costs at `demo/small`, in nanodollars; and one of input.
const OUTPUT: i64 = 100;
const OUTPUT_NANOS: i64 = 400;
const INPUT_NANOS: i64 = 100;
/// What a refusal counts at least (`limits.least_output_tokens`).
const LEAST_OUTPUT: i64 = 16;

/// What the provider counts beside what was held for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Count {
    Exact,
    Fewer,
    More,
}

/// Seven rounds a setting make the twenty of T8.
const ROUNDS: [(Count, bool); 7] = [
    (Count::Exact, false),
    (Count::Exact, true),
    (Count::Fewer, false),
    (Count::Exact, true),
    (Count::More, true),
    (Count::Exact, false),
    (Count::Fewer, true),
];
/// A thousand rounds over the three settings.
const RELEASE_ROUNDS: usize = 336;

/// How often a wallet was looked at in this process.
static LOOKS: AtomicU64 = AtomicU64::new(0);

struct Round {
    name: String,
    person: Person,
    count: Count,
    body: Value,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_spends_a_balance_once_on_sqlite() {
    crowds(Kind::Sqlite, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_spends_a_balance_once_on_postgres() {
    crowds(Kind::Postgres, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_at_two_servers_spends_a_balance_once() {
    crowds(Kind::Postgres, 2).await;
}

async fn crowds(kind: Kind, nodes: usize) {
    let place = Place::new(kind).await;
    let rounds = prepare(&place).await;
    let nodes: Vec<Node> = join_all((0..nodes).map(|_| place.serve())).await;
    let books = place.books().await;
    let mut served = Vec::new();
    for round in &rounds {
        served.push(run(&books, &nodes, round).await);
    }
    join_all(nodes.into_iter().map(Node::stop)).await;
    let looks = LOOKS.load(Ordering::Relaxed);
    println!("available was looked at {looks} times");
    assert!(looks >= 10 * rounds.len() as u64, "too seldom to show anything");
    let calls = place.upstream.calls().await;
    for (round, served) in rounds.iter().zip(served) {
        judge(&books, round, served, &calls).await;
    }
    place.verify().await;
    place.close().await;
}

/// Everybody who takes part. On SQLite only the server may write once it runs, so they come first.
async fn prepare(place: &Place) -> Vec<Round> {
    let poor = place.person("poor@example.com", "0").await;
    let node = place.serve().await;
    let held = [input_held(&node, &poor, false).await, input_held(&node, &poor, true).await];
    node.stop().await;
    let wanted = if is_release_size() { RELEASE_ROUNDS } else { ROUNDS.len() };
    let mut rounds = Vec::new();
    for (n, (count, streams)) in ROUNDS.into_iter().cycle().take(wanted).enumerate() {
        let input = held[usize::from(streams)];
        let hold = input * INPUT_NANOS + OUTPUT * OUTPUT_NANOS;
        let credits = Amount::from_nanos(hold * PAYS_FOR).to_string();
        let name = format!("round-{n}");
        let person = place.person(&format!("{name}@example.com"), &credits).await;
        let body = match count {
            Count::Exact => ask(streams, input, OUTPUT),
            Count::Fewer => ask(streams, input / 2, OUTPUT / 4),
            Count::More => ask(streams, input + 1_000, OUTPUT),
        };
        rounds.push(Round { name, person, count, body });
    }
    rounds
}

/// A request for which the provider counts so many tokens. All are equally long, so all hold the same.
fn ask(streams: bool, input: i64, output: i64) -> Value {
    let text = format!("hello [[p={input:05} tokens={output:03} first_ms=100]]");
    json!({
        "model": "demo/small",
        "stream": streams,
        "max_tokens": OUTPUT,
        "messages": [{"role": "user", "content": text}],
    })
}

/// The tokens of input that such a request holds credits for, by the refusal of an empty wallet.
async fn input_held(node: &Node, poor: &Person, streams: bool) -> i64 {
    let answer = Client::new().chat(&node.url, &poor.key, "poor", &ask(streams, 0, OUTPUT)).await.unwrap();
    assert_eq!(answer.status, 402, "{}", answer.text);
    let error: Value = serde_json::from_str(&answer.text).unwrap();
    let needed: Amount = error["error"]["needed"].as_str().unwrap().parse().unwrap();
    (needed.nanos() - LEAST_OUTPUT * OUTPUT_NANOS) / INPUT_NANOS
}

/// Sends the crowd, and looks at the wallet until the last has its answer. How many were served.
async fn run(books: &Books, nodes: &[Node], round: &Round) -> usize {
    let client = Client::new();
    let asking = join_all((0..CROWD).map(|n| {
        let (client, node) = (client.clone(), &nodes[n % nodes.len()]);
        async move { client.chat(&node.url, &round.person.key, &format!("{}/{n}", round.name), &round.body).await }
    }));
    let looking = tokio::spawn(look(books.clone(), round.person.clone()));
    let answers = asking.await;
    looking.abort();
    // It never ends by itself, but where what it saw was wrong.
    assert!(looking.await.is_err_and(|error| error.is_cancelled()), "available was not what it can be");
    let answers: Vec<_> = answers.into_iter().map(|answer| answer.unwrap()).collect();
    let wrong = answers.iter().find(|answer| ![200, 402].contains(&answer.status));
    assert!(wrong.is_none(), "{wrong:?}");
    answers.iter().filter(|answer| answer.status == 200).count()
}

/// Looks at the wallet again and again.
async fn look(books: Books, person: Person) {
    loop {
        // This panics where more is held than is left.
        let available = books.wallet(person.wallet).await.available(now());
        assert!(!available.is_negative() && available <= person.granted, "{available} are available");
        LOOKS.fetch_add(1, Ordering::Relaxed);
    }
}

/// What the provider saw of this round, and what the wallet paid.
async fn judge(books: &Books, round: &Round, served: usize, calls: &HashMap<String, Call>) {
    let prefix = format!("{}/", round.name);
    let calls: HashMap<&String, &Call> = calls.iter().filter(|(tag, _)| tag.starts_with(&prefix)).collect();
    let rows = books.charges(round.person.wallet).await;
    let charges = by_tag(&rows);
    assert_eq!((calls.len(), charges.len()), (served, served), "{:?}: served, asked and charged", round.count);
    for row in &rows {
        assert_eq!(row.charge.cost, calls[&tag(row).to_owned()].billed);
    }
    let wallet = books.wallet(round.person.wallet).await;
    assert_eq!(wallet.holds().count(), 0, "a hold is left");
    let billed: Cost = calls.values().map(|call| call.billed).sum();
    let balance = wallet.balance(now());
    match round.count {
        Count::Exact => {
            assert_eq!(served as i64, PAYS_FOR);
            assert!(rows.iter().all(|row| row.charge.held == row.charge.debited), "it costs what was held");
            assert_eq!((billed, balance), (round.person.granted.into(), Amount::ZERO));
        }
        Count::Fewer => {
            assert!(served as i64 >= PAYS_FOR && billed <= round.person.granted.into(), "{served} for {billed}");
            assert_debited(&rows, round.person.granted, balance);
        }
        Count::More => {
            assert!(served as i64 <= PAYS_FOR, "{served} for {billed}");
            let debited: Amount = rows.iter().map(|row| row.charge.debited).sum();
            let lost: Amount = rows.iter().map(|row| row.charge.lost).sum();
            assert_eq!(balance, round.person.granted.checked_sub(debited).unwrap());
            assert_eq!(Cost::from(debited.checked_add(lost).unwrap()), billed, "the rest is the platform's loss");
        }
    }
    println!(
        "{} ({:?}): {CROWD} at once, {served} served, billed {billed}, balance {balance}",
        round.name, round.count
    );
}
