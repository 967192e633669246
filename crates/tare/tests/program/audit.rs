//! What an auditor asks at the command line, on books of a few days.

use ledger::{Command, Issue, LateSettle, Place, Settle, Source, Spender};
use serde_json::Value;
use store::{Database, Posting, Store, UserRow};
use tempfile::TempDir;
use units::{Amount, GrantId, HoldId, Instant, UserId, WalletId};
use uuid::Uuid;

use crate::program::{Said, run};

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
            Command::Issue(Issue {
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
            Command::Place(Place {
                hold: hold(n),
                wanted: amount,
                least: amount,
                lease_until,
                is_fresh: true,
                spender: Spender::default(),
            })
        };
        let settle = |n, cost: &str| {
            Command::Settle(Settle { hold: hold(n), cost: cost.parse().unwrap(), late: LateSettle::Refuse })
        };
        let story = [
            ("2026-02-27T00:00:00Z", issue(1, 5, Source::Welcome, false, Some("2026-02-28T23:59:59.999999Z"))),
            ("2026-02-27T10:00:00Z", issue(2, 20, Source::Purchase, true, None)),
            ("2026-02-28T12:00:00Z", place(3)),
            ("2026-02-28T12:00:01Z", settle(3, "2.500000000000000001")),
            ("2026-02-28T12:00:02Z", place(4)),
            ("2026-02-28T12:00:03Z", settle(4, "3")),
            ("2026-03-01T00:00:00Z", issue(5, 1, Source::Operator, false, Some("2026-03-01T12:00:00Z"))),
            ("2026-03-02T00:00:00Z", Command::Expire),
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
