//! Show 1: `make run` prints a line; pasted into a shell it streams a reply, and the balance is lower by exactly
//! tokens x price.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::sleep;
use units::Amount;

use crate::program::{Running, finish, tare};

/// What `demo/small` costs, in nanodollars a token: $0.10 and $0.40 a million.
const INPUT_NANOS: i64 = 100;
const OUTPUT_NANOS: i64 = 400;

/// What stands on the terminal of `make run`.
struct Printed {
    balance: Amount,
    curl: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_printed_line_streams_a_reply_that_costs_tokens_times_price() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = serve(&folder).await;
    let printed = read_terminal(&mut server).await;
    let mut balance = printed.balance;
    // Pasted twice: the second answer begins where the first one ended.
    for _ in 0..2 {
        let reply = paste(&printed.curl).await;
        let cost = INPUT_NANOS * reply.input + OUTPUT_NANOS * reply.output;
        balance = balance.checked_sub(Amount::from_nanos(cost)).unwrap();
        assert_eq!((reply.cost, reply.balance), (Amount::from_nanos(cost), balance));
        let line = charge_line(&server, balance).await;
        let parts =
            [format!("input={}", reply.input), format!("output={}", reply.output), format!("cost={}", reply.cost)];
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    }
    // The key of the last run ends, the balance stays.
    assert!(server.stop().await.success());
    let mut server = serve(&folder).await;
    let again = read_terminal(&mut server).await;
    assert_eq!(again.balance, balance);
    assert_ne!(again.curl, printed.curl);
    assert!(server.stop().await.success());
}

/// Starts what `make run` starts, on a port of its own and with a fresh database.
async fn serve(folder: &TempDir) -> Running {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate stands two folders deep");
    let recipe =
        finish(Command::new("make").args(["--no-print-directory", "-n", "run"]).current_dir(root)).await.well();
    let words = recipe.trim().strip_prefix("cargo run --release -p tare -- ");
    let words = words.unwrap_or_else(|| panic!("`make run` is {recipe:?}"));
    let mut command = tare();
    command.args(words.split(' ')).args(["--listen", "127.0.0.1:0"]).current_dir(folder.path());
    Running::start(&mut command, folder.path().join("serve.log"))
}

/// Reads as far as the line to paste, which may go over several.
async fn read_terminal(server: &mut Running) -> Printed {
    let mut balance = None;
    let mut curl = String::new();
    loop {
        let line = server.line().await;
        if let Some((_, text)) = line.split_once("balance ") {
            balance = Some(text.parse().unwrap());
        }
        if line.starts_with("curl ") || !curl.is_empty() {
            curl.push_str(&line);
            curl.push('\n');
            if !line.ends_with('\\') {
                break;
            }
        }
    }
    Printed { balance: balance.expect("the balance stands above the line"), curl }
}

struct Reply {
    input: i64,
    output: i64,
    cost: Amount,
    balance: Amount,
}

/// Pastes the line into a shell, and reads what comes as it comes.
async fn paste(curl: &str) -> Reply {
    let mut command = Command::new("bash");
    command.args(["-c", curl]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut shell = command.spawn().unwrap();
    let mut lines = BufReader::new(shell.stdout.take().expect("it is piped")).lines();
    let mut came = Vec::new();
    let (mut text, mut usage, mut bill) = (String::new(), Value::Null, None);
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some(comment) = line.strip_prefix(": tare ") {
            bill = Some(comment.to_owned());
        }
        let Some(data) = line.strip_prefix("data: ") else { continue };
        came.push((Instant::now(), data == "[DONE]"));
        let Ok(mut event) = serde_json::from_str::<Value>(data) else { continue };
        text.push_str(event["choices"][0]["delta"]["content"].as_str().unwrap_or_default());
        if event["usage"].is_object() {
            usage = event["usage"].take();
        }
    }
    assert!(shell.wait().await.unwrap().success());
    assert!(text.starts_with("You said: \"What does a request cost?\""), "{text}");
    let (first, last) = (came[0].0, came[came.len() - 1]);
    assert!(last.1, "the stream ends with [DONE]");
    assert!(last.0 - first > Duration::from_millis(100), "it came all at once, not as it was spoken");
    let bill = bill.expect("the last comment tells the cost");
    let find = |key: &str| bill.split(' ').find_map(|word| word.strip_prefix(key)).unwrap().parse().unwrap();
    let tokens = |key: &str| usage[key].as_i64().unwrap();
    Reply {
        input: tokens("prompt_tokens"),
        output: tokens("completion_tokens"),
        cost: find("cost="),
        balance: find("balance="),
    }
}

/// The line on the server's terminal that tells the new balance.
async fn charge_line(server: &Running, balance: Amount) -> String {
    for _ in 0..100 {
        let log = server.log();
        if let Some(line) =
            log.lines().find(|line| line.contains("charged") && line.contains(&format!("balance={balance}")))
        {
            return line.to_owned();
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("the terminal does not tell that the balance is {balance}: {}", server.log());
}
