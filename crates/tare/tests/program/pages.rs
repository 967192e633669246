//! The pages in Debian's Chromium, driven by Playwright: every flow with a mouse, and again by keyboard alone with
//! script off; and after each of them the books, to the cent. What is played stands in `tests/browser`.

mod told;

mod past;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, Command};
use tokio::time::timeout;

use crate::is_release_size;
use crate::program::run;
use crate::servers::{Kind, Node, Place};
use told::Told;

/// No flow takes so long, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(400);

/// One person buys and signs in more often here than people do.
const CATALOG: &str = "[limits]\ncodes_per_address = 50\n\n[limits.cards]\ntries_per_hour = 100\n\
                       tries_per_network = 1000\ncards_per_day = 50\nbackoff_seconds = 1\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_flow_works_with_a_mouse() {
    play(Kind::Sqlite, ["mouse", "script"]).await;
    if is_release_size() {
        play(Kind::Postgres, ["mouse", "no-script"]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_flow_works_by_keyboard_alone_and_without_script() {
    play(Kind::Postgres, ["keyboard", "no-script"]).await;
    if is_release_size() {
        play(Kind::Sqlite, ["keyboard", "script"]).await;
    }
}

/// Every page, with probes for names: none of them runs, nothing bars anybody's way, and no form is taken from elsewhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_open_to_everybody_and_closed_to_foreign_forms() {
    let place = Place::new(Kind::Postgres).await;
    past::live(&place.database).await;
    place.command(&["user", "add", "ana@example.com"]).await.well();
    place.command(&["operator", "add", "ana@example.com"]).await.well();
    let node = serve(&place).await;
    let pages = web::routes().into_iter().filter(|route| !route.path.starts_with("/api/v1") && !is_file(&route.path));
    let pages =
        pages.map(|route| json!({"method": route.method, "path": route.path, "rule": format!("{:?}", route.rule)}));
    drive(&place, &node, "look.mjs", &[&json!(pages.collect::<Vec<_>>()).to_string()]).await;
    node.stop().await;
    place.verify().await;
    place.close().await;
}

/// Every moment is said in the zone of whoever reads, takes no other room there, and says UTC when it is asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn moments_are_said_in_the_readers_zone() {
    let place = Place::new(Kind::Sqlite).await;
    past::live(&place.database).await;
    place.command(&["user", "add", "ana@example.com"]).await.well();
    let node = serve(&place).await;
    drive(&place, &node, "zones.mjs", &[]).await;
    node.stop().await;
    place.verify().await;
    place.close().await;
}

/// What a browser or a processor asks for, and no person reads.
fn is_file(path: &str) -> bool {
    ["/assets/", "/webhooks/", "/api/openapi"].iter().any(|begin| path.starts_with(begin))
}

async fn play(kind: Kind, how: [&str; 2]) {
    let place = Place::new(kind).await;
    past::live(&place.database).await;
    place.command(&["user", "add", "olga@example.com"]).await.well();
    place.command(&["operator", "add", "olga@example.com"]).await.well();
    let node = serve(&place).await;
    drive(&place, &node, "play.mjs", &how).await;
    node.stop().await;
    place.verify().await;
    place.close().await;
}

/// A server with the usual rules, for somebody who tries much, and with a place for provider keys.
async fn serve(place: &Place) -> Node {
    let keys = place.folder.path().join("master.keys").display().to_string();
    run(["keys", "new", &keys]).await.well();
    std::fs::write(place.folder.path().join("catalog.toml"), CATALOG).unwrap();
    place.serve_with(&["--master-keys", &keys]).await
}

/// Lets a script use the pages, and answers each of its lines: whether the books are as it says.
async fn drive(place: &Place, node: &Node, script: &str, args: &[&str]) {
    let mut command = Command::new("node");
    command.arg(scripts().join(script)).arg(&node.url).arg(place.folder.path().join("tare.mail")).args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut browser = command.spawn().expect("`tools/setup browser` brings Node");
    let mut answers = browser.stdin.take().expect("it is piped");
    let mut lines = BufReader::new(browser.stdout.take().expect("it is piped")).lines();
    let books = place.books().await;
    while let Some(line) = timeout(PATIENCE, lines.next_line()).await.expect("the browser goes on").unwrap() {
        let told: Told = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line}"));
        let wrong = match told {
            Told::Books(told) => told.compare(&books).await,
            Told::Join(join) => join.perform(place, &books).await,
        };
        answer(&mut answers, wrong).await;
    }
    let ended = browser.wait().await.unwrap();
    assert!(ended.success(), "{script} {args:?} ended with {ended}; the server's log:\n{}", place.log());
}

async fn answer(to: &mut ChildStdin, wrong: Option<String>) {
    let line = json!({ "wrong": wrong }).to_string() + "\n";
    to.write_all(line.as_bytes()).await.unwrap();
}

/// Where the scripts are, when what they need is there too.
fn scripts() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate stands two folders deep");
    let needed = root.join(".tools/browser/node_modules/playwright-core");
    assert!(needed.exists(), "{} is missing; `tools/setup browser` brings it", needed.display());
    root.join("tests/browser")
}
