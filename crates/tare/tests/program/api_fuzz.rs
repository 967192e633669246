//! T15: schemathesis reads the served description of the API and asks whatever it allows, and what it forbids, as an
//! operator who owns an organization, as an API key, and as nobody.
//!
//! All its checks hold. A request of the right shape may still be refused by a rule, so an answer below 500 with a
//! problem is as good as what was asked for; `tests/outside/schemathesis.toml` says which. Afterwards the books agree with
//! themselves, and nothing went wrong inside.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::process::Command;

use crate::http::Client;
use crate::is_release_size;
use crate::program::finish;
use crate::servers::{Kind, Node, Place};

const SEED: &str = "20280229";

/// Who asks, with what they show.
struct Caller {
    name: &'static str,
    bearer: Option<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_description_allows_is_answered() {
    let place = Place::new(Kind::Sqlite).await;
    let mut node = place.serve().await;
    let (callers, ids) = settle_in(&mut node).await;
    let mut cases = 0;
    for caller in &callers {
        cases += fuzz(&node, caller, &ids).await;
    }
    println!("{cases} cases as {} callers", callers.len());
    assert!(cases >= 300, "{cases} cases");
    let log = place.log();
    let faults: Vec<&str> = log.lines().filter(|line| line.contains(" ERROR ")).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    node.stop().await;
    place.verify().await;
    place.close().await;
}

/// An operator with an organization, and a key for it. Answers them and the ids to ask about.
async fn settle_in(node: &mut Node) -> (Vec<Caller>, [String; 2]) {
    let line = node.process.line().await;
    let token = line.rsplit(' ').next().unwrap();
    let client = Client::new();
    let post = async |path: &str, bearer: &str, body: Value| {
        let answer = client.post(&format!("{}{path}", node.url), bearer, path, &body).await.unwrap();
        assert_eq!(answer.status, 201, "{path}: {}", answer.text);
        serde_json::from_str::<Value>(&answer.text).unwrap()
    };
    let text = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
    let begun = post("/api/v1/operator/set-up", "", json!({"token": token, "email": "op@example.com"})).await;
    let operator = text(&begun, "token");
    let founded = post("/api/v1/organizations", &operator, json!({"name": "Apples"})).await;
    let (organization, wallet) = (text(&founded, "id"), text(&founded, "wallet"));
    let credit = json!({"amount": "1000", "reason": "a test"});
    post(&format!("/api/v1/operator/wallets/{wallet}/adjustments"), &operator, credit).await;
    let made = post(&format!("/api/v1/wallets/{wallet}/api-keys"), &operator, json!({"name": "fuzz"})).await;
    let callers = vec![
        Caller { name: "a key", bearer: Some(text(&made, "secret")) },
        Caller { name: "nobody", bearer: None },
        // At last: it may end what the others stand on.
        Caller { name: "an operator", bearer: Some(operator) },
    ];
    (callers, [organization, wallet])
}

/// Asks as this caller. Answers how many cases there were.
async fn fuzz(node: &Node, caller: &Caller, [organization, wallet]: &[String; 2]) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let settings = std::fs::read_to_string(root().join("tests/outside/schemathesis.toml")).unwrap();
    let settings = settings.replace("org_ours", organization).replace("wal_ours", wallet);
    std::fs::write(folder.path().join("schemathesis.toml"), settings).unwrap();
    let (examples, phases) = match (is_release_size(), caller.bearer.is_some()) {
        (true, _) => ("2000", "examples,coverage,fuzzing,stateful"),
        (false, true) => ("3", "examples,fuzzing,stateful"),
        // Almost all of it is refused at the door.
        (false, false) => ("1", "fuzzing"),
    };
    let mut command = Command::new(program());
    command.current_dir(folder.path()).arg("run").arg(format!("{}/api/openapi.json", node.url));
    command.args(["--seed", SEED, "--max-examples", examples, "--phases", phases, "--checks", "all"]);
    command.args(["--continue-on-failure", "--no-shrink", "--warnings", "off"]);
    if let Some(bearer) = &caller.bearer {
        command.arg("--header").arg(format!("Authorization: Bearer {bearer}"));
    }
    let said = finish(&mut command).await;
    assert_eq!(said.code, 0, "as {}: {}{}", caller.name, said.out, said.err);
    let cases = said.out.lines().find_map(|line| line.trim().split_once(" generated"));
    cases.and_then(|(count, _)| count.replace(',', "").parse().ok()).unwrap_or_else(|| panic!("{}", said.out))
}

fn program() -> PathBuf {
    let program = root().join(".tools/outside/venv/bin/schemathesis");
    assert!(program.exists(), "{} is missing; `tools/setup outside` brings it", program.display());
    program
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate stands two folders deep")
}
