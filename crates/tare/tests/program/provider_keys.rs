//! Provider keys and the master keys above them, with the program and its files.

use std::process::Stdio;
use std::time::Duration;

use connectors::upstream::{UpstreamSettings, Upstreams};
use operations::Caller;
use operations::byok::{self, AddByokKey, MasterKeys, ProviderKey};
use serde_json::json;
use store::Reader;
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;
use units::Amount;

use crate::http::Client;
use crate::office::Office;
use crate::program::{run, tare};
use crate::servers::{Kind, Place};

const SECRET: &str = "sk-own-canary-0001";

fn secret() -> ProviderKey {
    ProviderKey::new(SECRET.to_owned()).ok().unwrap()
}

async fn count_under(reader: &Reader, name: &str) -> u64 {
    let counts = reader.count_byok_keys().await.unwrap();
    counts.into_iter().find(|(other, _)| other == name).map_or(0, |(_, count)| count)
}

/// At a balance of zero, beside a running server; the key comes from the standard input and is shown nowhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_from_the_command_line_serves_a_person_without_credits() {
    let place = Place::new(Kind::Postgres).await;
    let person = place.person("ana@example.com", "0").await;
    let file = place.folder.path().join("master.keys").display().to_string();
    run(["keys", "new", &file]).await.well();
    let node = place.serve_with(&["--master-keys", &file]).await;
    let mut command = tare();
    command.args(["byok", "add", "ana@example.com", "demo", "--master-keys", &file, "--database", place.address()]);
    command.arg("--config").arg(place.folder.path().join("tare.toml"));
    let mut adding = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = adding.stdin.take().unwrap();
    stdin.write_all(format!("{SECRET}\n").as_bytes()).await.unwrap();
    drop(stdin);
    let added = adding.wait_with_output().await.unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&added.stdout), String::from_utf8_lossy(&added.stderr));
    assert!(added.status.success() && told.contains("byk_") && !told.contains("canary"), "{told}");

    let body = json!({"model": "demo/small", "messages": [{"role": "user", "content": "hello"}]});
    let answer = Client::new().chat(&node.url, &person.key, "own", &body).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
    let listed = place.command(&["byok", "list", "ana@example.com"]).await.well();
    assert!(listed.contains("...0001") && !listed.contains("canary"), "{listed}");
    node.stop().await;
    let books = place.books().await;
    let row = books.charges(person.wallet).await.remove(0);
    let billed = place.upstream.sum().await.billed;
    assert_eq!((row.charge.debited, row.usage.unwrap().own_cost), (Amount::ZERO, Some(billed)));
    assert!(!place.log().contains("canary"));

    // Without the master key, or with another of the same name, there is rather no server.
    let refused = place.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]).await;
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("which is not among those that were given. Add it again"), "{}", refused.err);
    let name = std::fs::read_to_string(&file).unwrap();
    let name = name.lines().last().unwrap().split(' ').next().unwrap();
    let other = place.folder.path().join("other.keys").display().to_string();
    run(["keys", "new", &other, "--name", name]).await.well();
    let refused = place.command(&["serve", "--demo", "--listen", "127.0.0.1:0", "--master-keys", &other]).await;
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("does not open"), "{}", refused.err);
    place.verify().await;
    place.close().await;
}

/// Killed in the middle, a rotation goes on where it was; then the old key can go.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_survives_kill_9() {
    const KEYS: usize = 400;
    let place = Place::new(Kind::Postgres).await;
    let person = place.person("ana@example.com", "0").await;
    let file = place.folder.path().join("master.keys");
    let path = file.display().to_string();
    run(["keys", "new", &path, "--name", "old"]).await.well();
    let masters = || MasterKeys::parse(&std::fs::read_to_string(&file).unwrap()).ok().unwrap();
    let office = Office::open(&place.database).await;
    office.services.keyring.put(masters());
    let base = format!("http://{}/v1", place.upstream.address);
    let settings = (0..KEYS).map(|n| UpstreamSettings::new(&format!("p{n}"), &base, None, ("demo/*", "*")));
    let upstreams = Upstreams::new(settings.collect()).unwrap();
    for n in 0..KEYS {
        let (wallet, provider) = (person.wallet, format!("p{n}"));
        let request = AddByokKey { wallet, provider, name: "test".to_owned(), key: secret() };
        byok::add(&office.services, &upstreams, &office.ctx(), &Caller::Operator, request).await.unwrap();
    }

    run(["keys", "new", &path, "--name", "new"]).await.well();
    let reader = office.services.store.reader();
    let mut command = tare();
    command.args(["keys", "rotate", "--master-keys", &path, "--database", place.address()]);
    let mut rotating = command.stdout(Stdio::null()).spawn().unwrap();
    while count_under(reader, "new").await == 0 {
        sleep(Duration::from_millis(2)).await;
    }
    rotating.kill().await.unwrap();
    let (old, new) = (count_under(reader, "old").await, count_under(reader, "new").await);
    assert!(old > 0 && new > 0 && old + new == KEYS as u64, "it was killed in the middle: {old} and {new}");
    // Between the two every key opens, with both master keys.
    office.services.keyring.put(masters());
    let opens = async || {
        let own = byok::load(&office.services, person.wallet).await.unwrap();
        (0..KEYS).all(|n| own.open(&office.services, &format!("p{n}")).is_ok())
    };
    assert!(opens().await);
    let listed = place.command(&["keys", "list", "--master-keys", &path]).await.well();
    assert!(listed.contains("opens; tare keys rotate moves them"), "{listed}");
    let again = place.command(&["keys", "rotate", "--master-keys", &path]).await.well();
    // What the dead one had sent last is still done, by then or after the counting.
    let moved = |count: u64| again.starts_with(&format!("{count} provider keys were moved under new"));
    assert!(moved(old) || moved(old - 1), "{old}: {again}");
    let listed = place.command(&["keys", "list", "--master-keys", &path]).await.well();
    assert!(listed.contains("not needed any more"), "{listed}");

    // The old line goes, and every key still opens.
    let text = std::fs::read_to_string(&file).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("old ")).collect();
    std::fs::write(&file, kept.join("\n")).unwrap();
    office.services.keyring.put(masters());
    assert!(opens().await);
    office.close().await;
    place.close().await;
}
