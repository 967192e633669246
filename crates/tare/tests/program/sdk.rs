//! Show 2: the clients that people use, streaming and not, each debit compared with what the provider bills.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tokio::process::Command;
use units::{Amount, Cost};

use crate::books::{assert_debited, by_tag};
use crate::program::{Said, finish};
use crate::servers::{Kind, Node, Person, Place};

/// Requests of each client: together a thousand.
const EACH: u64 = 500;

/// What a client reports of one request.
#[derive(Debug, Deserialize)]
struct Line {
    tag: String,
    stream: bool,
    /// Why the reply was wrong; absent when it was right.
    error: Option<String>,
    usage: Option<Told>,
    cost: Option<Cost>,
}

/// The usage that the client was told.
#[derive(Debug, Deserialize)]
struct Told {
    prompt_tokens: u64,
    completion_tokens: u64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_debit_is_what_the_provider_bills_on_sqlite() {
    every_debit_is_what_the_provider_bills(Kind::Sqlite, 20_280_229).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_debit_is_what_the_provider_bills_on_postgres() {
    every_debit_is_what_the_provider_bills(Kind::Postgres, 20_310_131).await;
}

async fn every_debit_is_what_the_provider_bills(kind: Kind, seed: u32) {
    let place = Place::new(kind).await;
    let person = place.person("ana@example.com", "100").await;
    let node = place.serve().await;
    let (python, node_js) = tokio::join!(
        client(python(), "openai_sdk.py", &node, &person, seed),
        client("node".into(), "vercel_ai.mjs", &node, &person, seed),
    );
    node.stop().await;
    let lines: Vec<Line> = python.into_iter().chain(node_js).collect();
    compare(&place, &person, &lines).await;
    place.verify().await;
    place.close().await;
}

/// Line by line: what the client was told, what Tare charged and what the provider bills are one number.
async fn compare(place: &Place, person: &Person, lines: &[Line]) {
    let calls = place.upstream.calls().await;
    let books = place.books().await;
    let rows = books.charges(person.wallet).await;
    let charges = by_tag(&rows);
    let tags: HashSet<&str> = lines.iter().map(|line| line.tag.as_str()).collect();
    assert_eq!([lines.len(), tags.len(), calls.len(), charges.len()], [2 * EACH as usize; 4]);
    for line in lines {
        let (call, row) = (&calls[&line.tag], charges[line.tag.as_str()]);
        assert_eq!(row.charge.cost, call.billed, "{line:?} {call:?} {row:?}");
        let usage = &row.usage.as_ref().unwrap().usage;
        assert!(!usage.estimated, "{row:?}");
        assert_eq!((usage.input, usage.output), (call.tokens.prompt, call.tokens.completion), "{line:?}");
        if let Some(told) = &line.usage {
            assert_eq!((told.prompt_tokens, told.completion_tokens), (usage.input, usage.output), "{line:?}");
        }
        assert_eq!(line.cost, (!line.stream).then_some(call.billed), "the header says the cost: {line:?}");
    }
    let wallet = books.wallet(person.wallet).await;
    assert_eq!((wallet.holds().count(), wallet.held()), (0, Amount::ZERO), "a hold is left");
    let sum = place.upstream.sum().await;
    assert_eq!(rows.iter().map(|row| row.charge.cost).sum::<Cost>(), sum.billed, "the sums differ");
    assert_debited(&rows, person.granted, books.balance(person.wallet).await);
    let streamed = lines.iter().filter(|line| line.stream).count();
    println!("{} requests, {streamed} of them streamed; charged and billed {}", lines.len(), sum.billed);
}

/// Lets a client send its requests.
async fn client(program: PathBuf, script: &str, node: &Node, person: &Person, seed: u32) -> Vec<Line> {
    let mut command = Command::new(program);
    command.arg(root().join("tests/sdk").join(script)).arg(format!("{}/v1", node.url)).arg(&person.key);
    let Said { code, out, err } = finish(command.args([seed.to_string(), EACH.to_string()]).kill_on_drop(true)).await;
    let lines: Vec<Line> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let wrong: Vec<&Line> = lines.iter().filter(|line| line.error.is_some()).take(5).collect();
    assert!(code == 0 && wrong.is_empty(), "{script} ended with {code}: {wrong:#?}\n{err}");
    lines
}

/// Python with OpenAI's package. The packages of both clients stand in `.tools`.
fn python() -> PathBuf {
    let tools = root().join(".tools");
    let python = tools.join("venv/bin/python");
    for needed in [&python, &tools.join("npm/node_modules/ai")] {
        assert!(needed.exists(), "{} is missing; `tools/setup python node` brings it", needed.display());
    }
    python
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate stands two folders deep")
}
