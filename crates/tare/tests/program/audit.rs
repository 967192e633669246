//! What an auditor asks at the command line, and what is shown to somebody outside, on books of a few days.

use std::sync::Arc;

use ledger::{Command as Ask, Issue, LateSettle, Place, Settle, Source, Spender};
use operations::{Context, Ids, Services, jobs};
use serde_json::Value;
use store::{Database, Posting, Store, UserRow};
use tempfile::TempDir;
use tokio::process::Command;
use units::{Amount, GrantId, HoldId, Instant, UserId, WalletId};
use uuid::Uuid;

use crate::program::{Running, Said, finish, run, tare};

/// Sealing a day makes no ids.
struct NoIds;

impl Ids for NoIds {
    fn uuid(&self) -> Uuid {
        unreachable!("nothing is made")
    }

    fn secret(&self) -> [u8; 32] {
        unreachable!("nothing is made")
    }
}

/// A database with one person, two grants and two charges; the first grant paid the first charge and a part
/// of the second, and has expired since.
struct Desk {
    folder: TempDir,
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn grant(n: u128) -> GrantId {
    GrantId::from_uuid(Uuid::from_u128(n))
}

fn hold(n: u128) -> HoldId {
    HoldId::from_uuid(Uuid::from_u128(n))
}

impl Desk {
    async fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        let store = Store::open(&Database::Sqlite(desk.file().into())).await.unwrap();
        let wallet = WalletId::from_uuid(Uuid::from_u128(7));
        let id = UserId::from_uuid(Uuid::from_u128(7));
        let user = UserRow::new(id, wallet, "ana".to_owned(), at("2026-02-27T00:00:00Z"));
        store.write(async move |tx| tx.insert_user_with_wallet(&user).await).await.unwrap();
        let issue = |n, dollars, source, paid, expires_at: Option<&str>| {
            Ask::Issue(Issue {
                grant: grant(n),
                source,
                amount: Amount::from_dollars(dollars),
                paid,
                effective_at: at("2026-02-27T00:00:00Z"),
                expires_at: expires_at.map(at),
            })
        };
        let place = |n| {
            let amount = Amount::from_dollars(3);
            let lease_until = at("2026-03-02T00:00:00Z");
            Ask::Place(Place {
                hold: hold(n),
                wanted: amount,
                least: amount,
                lease_until,
                is_fresh: true,
                spender: Spender::default(),
            })
        };
        let settle = |n, cost: &str| {
            Ask::Settle(Settle { hold: hold(n), cost: cost.parse().unwrap(), late: LateSettle::Refuse })
        };
        let story = [
            ("2026-02-27T00:00:00Z", issue(1, 5, Source::Welcome, false, Some("2026-02-28T23:59:59.999999Z"))),
            ("2026-02-27T10:00:00Z", issue(2, 20, Source::Purchase, true, None)),
            ("2026-02-28T12:00:00Z", place(3)),
            ("2026-02-28T12:00:01Z", settle(3, "2.500000000000000001")),
            ("2026-02-28T12:00:02Z", place(4)),
            ("2026-02-28T12:00:03Z", settle(4, "3")),
            ("2026-03-01T00:00:00Z", issue(5, 1, Source::Operator, false, Some("2026-03-01T12:00:00Z"))),
            ("2026-03-02T00:00:00Z", Ask::Expire),
        ];
        for (now, command) in story {
            let posting = Posting { wallet, now: at(now), command, key: None, usage: None };
            store.post(posting).await.unwrap();
        }
        store.close().await;
        desk
    }

    fn file(&self) -> String {
        self.folder.path().join("tare.db").to_str().unwrap().to_owned()
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    async fn tare(&self, words: &[&str]) -> Said {
        run(words.iter().copied().chain(["--database", &self.file()])).await
    }

    async fn json(&self, words: &[&str]) -> Value {
        let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
        serde_json::from_str(&self.tare(&words).await.well()).unwrap()
    }
}

#[tokio::test]
async fn a_balance_is_known_at_every_past_instant_and_explained() {
    let desk = Desk::new().await;
    for (moment, balance) in [
        ("2026-02-26T00:00:00Z", "0.00"),
        ("2026-02-27T00:00:00Z", "5.00"),
        ("2026-02-27T10:00:00Z", "25.00"),
        ("2026-02-28T12:00:01Z", "22.50"),
        ("2026-02-28T23:59:59.999998Z", "19.50"),
        ("2026-02-28T23:59:59.999999Z", "19.50"),
        ("2026-03-01T11:59:59Z", "20.50"),
        ("2026-03-01T12:00:00Z", "19.50"),
    ] {
        let shown = desk.json(&["wallet", "show", "ana", "--at", moment]).await;
        assert_eq!(shown["balance"], balance, "at {moment}");
    }
    let now = desk.json(&["wallet", "show", "wal_00000000000000000000000000000007"]).await;
    assert_eq!((&now["balance"], &now["available"], &now["held"]), (&"19.50".into(), &"19.50".into(), &"0.00".into()));

    let why = desk.json(&["wallet", "why", "ana", "--at", "2026-02-28T12:00:01Z"]).await;
    let parts = why["grants"].as_array().unwrap();
    let of = |part: &Value| (part["source"].clone(), part["counts"].clone(), part["flows"].as_array().unwrap().len());
    assert_eq!(of(&parts[0]), ("welcome".into(), "2.50".into(), 2));
    assert_eq!(of(&parts[1]), ("purchase".into(), "20.00".into(), 1));
    assert_eq!((&why["entries"][0]["amount"], &why["entries"][0]["left_after"]), (&"-2.50".into(), &"22.50".into()));
    let told = desk.tare(&["wallet", "why", "ana"]).await.well();
    assert!(told.contains("balance 19.50") && told.contains("-0.50 charge in 1 entry"), "{told}");

    let ahead = desk.tare(&["wallet", "show", "ana", "--at", "9000-01-01T00:00:00Z"]).await;
    assert!(ahead.code == 1 && ahead.err.contains("at: a moment until now"), "{}", ahead.err);
}

#[tokio::test]
async fn a_charge_names_its_grants_and_a_grant_its_charges() {
    let desk = Desk::new().await;
    let charge = desk.json(&["wallet", "charge", "ana", &hold(4).to_string()]).await;
    let paid_by: Vec<_> = charge["paid_by"].as_array().unwrap().iter().map(|part| part["amount"].clone()).collect();
    assert_eq!(paid_by, ["2.50", "0.50"]);
    assert_eq!(charge["paid_by"][1]["grant"], grant(2).to_string());

    let trail = desk.json(&["wallet", "grant-trail", "ana", &grant(1).to_string(), "--limit", "2"]).await;
    assert_eq!((&trail["grant"]["left"], &trail["grant"]["state"]), (&"0.00".into(), &"used_up".into()));
    assert_eq!((&trail["flows"][1]["moved_out"], &trail["flows"][1]["transfers"]), (&"5.00".into(), &2.into()));
    assert_eq!(trail["entries"][1]["reference"], hold(3).to_string());
    let rest = trail["next_after"].to_string();
    let rest = desk.json(&["wallet", "grant-trail", "ana", &grant(1).to_string(), "--after", &rest]).await;
    assert_eq!((rest["entries"].as_array().unwrap().len(), &rest["next_after"]), (1, &Value::Null));

    let all = desk.tare(&["wallet", "grants", "ana", "--all"]).await.well();
    assert!(all.contains("2026-02-28T23:59:59.999999Z") && all.contains("used up") && all.contains("never"), "{all}");
    let entries = desk.tare(&["wallet", "entries", "ana", "--limit", "2"]).await.well();
    assert!(entries.contains("expiry") && entries.contains("more: --before 6"), "{entries}");
    let unknown = desk.tare(&["wallet", "charge", "ana", &hold(9).to_string()]).await;
    assert!(unknown.code == 1 && unknown.err.contains("there is no charge hld_"), "{}", unknown.err);
}

#[tokio::test]
async fn a_receipt_is_checked_without_the_books_and_holds_no_change() {
    let desk = Desk::new().await;
    let (key, public, file) = (desk.path("receipts.key"), desk.path("receipts.pub"), desk.path("receipt.json"));
    let made = run(["receipt", "make-key", &key]).await.well();
    std::fs::write(&public, &made).unwrap();
    assert_eq!(run(["receipt", "public-key", "--key-file", &key]).await.well(), made);
    let again = run(["receipt", "make-key", &key]).await;
    assert!(again.code == 1 && again.err.contains("never written over"), "{}", again.err);
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&key).unwrap());
        assert_eq!(mode & 0o777, 0o600);
    }

    let receipt = desk.tare(&["receipt", "show", &hold(4).to_string(), "--key-file", &key]).await.well();
    let verify = async |text: &str| {
        std::fs::write(&file, text).unwrap();
        run(["receipt", "verify", &file, "--public-key", &public]).await
    };
    let told = verify(&receipt).await.well();
    assert!(told.starts_with("sound: ") && told.contains("  2.50 by ") && told.contains("  0.50 by "), "{told}");
    let value: Value = serde_json::from_str(&receipt).unwrap();
    // Another layout of the same content is the same receipt.
    verify(&value.to_string()).await.well();
    for (from, to) in [("\"3.00\"", "\"3.01\""), ("welcome", "operator"), ("\"first_seq\": 4", "\"first_seq\": 5")] {
        assert!(receipt.contains(from), "{from} in {receipt}");
        let changed = verify(&receipt.replacen(from, to, 1)).await;
        assert!(changed.code == 1 && changed.err.contains("was changed after it was signed"), "{}", changed.err);
    }
    let more = verify(&receipt.replacen("\"lost\"", "\"gift\": 1, \"lost\"", 1)).await;
    assert!(more.code == 1 && more.err.contains("this is no receipt"), "{}", more.err);

    let other = desk.path("other.key");
    std::fs::write(&public, run(["receipt", "make-key", &other]).await.well()).unwrap();
    let foreign = verify(&receipt).await;
    assert!(foreign.code == 1 && foreign.err.contains("it is signed by the key"), "{}", foreign.err);
    let unsigned = desk.tare(&["receipt", "show", &hold(3).to_string(), "--wallet", "ana"]).await;
    assert!(unsigned.err.contains("This is not signed") && unsigned.out.contains("\"2.500000000000000001\""));
    let none = desk.tare(&["receipt", "show", &hold(9).to_string()]).await;
    assert!(none.code == 1 && none.err.contains("there is no charge"), "{}", none.err);
}

#[tokio::test]
async fn a_day_is_sealed_and_a_journal_proven_in_its_root() {
    let desk = Desk::new().await;
    let before = desk.tare(&["root"]).await;
    assert!(before.code == 1 && before.err.contains("there is no root of any day yet"), "{}", before.err);
    let sealed = |now| {
        let database = Database::Sqlite(desk.file().into());
        async move {
            let store = Store::open(&database).await.unwrap();
            let services = Services::new(store, billing::Catalog::embedded(), billing::PriceBook::embedded());
            let ctx = Context { now: at(now), ids: Arc::new(NoIds) };
            let root = jobs::seal_day(&services, &ctx).await.unwrap();
            services.store.close().await;
            root
        }
    };
    assert_eq!(sealed("2026-03-01T00:00:10Z").await.map(|root| root.day.to_string()), Some("2026-02-28".to_owned()));
    assert_eq!(sealed("2026-03-01T10:00:10Z").await, None);
    let second = sealed("2026-03-04T00:00:10Z").await.expect("it is new");
    assert_eq!((second.day.to_string().as_str(), second.wallets), ("2026-03-03", 1));
    desk.tare(&["verify"]).await.well();

    let root = desk.json(&["root", "--day", "2026-02-28"]).await["root"].as_str().unwrap().to_owned();
    let (file, proof) = (desk.path("proof.json"), desk.tare(&["root", "--day", "2026-02-28", "--prove", "ana"]).await);
    std::fs::write(&file, proof.well()).unwrap();
    let sound = run(["root", "--check", &file, "--root", &root]).await.well();
    assert!(sound.contains("the root that was published") && sound.contains("ended with entry 5"), "{sound}");
    let other = run(["root", "--check", &file, "--root", &"0".repeat(64)]).await;
    assert!(other.code == 1 && other.err.contains("was published"), "{}", other.err);
    let changed = std::fs::read_to_string(&file).unwrap().replace("\"seq\": 5", "\"seq\": 6");
    std::fs::write(&file, changed).unwrap();
    let changed = run(["root", "--check", &file]).await;
    assert!(changed.code == 1 && changed.err.contains("not to the root that it names"), "{}", changed.err);
    let receipt = desk.tare(&["receipt", "show", &hold(4).to_string()]).await;
    assert!(receipt.out.contains(&root), "{}", receipt.out);
}

#[tokio::test]
async fn a_server_finds_what_was_changed_behind_its_back_and_the_doctor_tells() {
    let desk = Desk::new().await;
    assert!(desk.tare(&["doctor"]).await.well().contains("ok    self-check: found no difference"));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program/tamper.py");
    finish(Command::new("python3").args([script, &desk.file()])).await.well();
    let mut server = tare();
    server.args(["serve", "--demo", "--listen", "127.0.0.1:0", "--database", &desk.file()]);
    let server = Running::start(&mut server, desk.path("log").into());
    while !server.log().contains("books_differ") {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    server.stop().await;
    let told = desk.tare(&["doctor"]).await;
    assert!(told.code == 1 && told.out.contains("WRONG self-check: "), "{}", told.out);
    let named = "transfer 3: its amount was changed: expected 2.50, stands 2.40";
    assert!(told.out.contains(named) && told.out.contains("books_differ since"), "{}", told.out);
    let verified = desk.tare(&["verify"]).await;
    assert!(verified.code == 1 && verified.out.contains(named), "{}", verified.out);
}
