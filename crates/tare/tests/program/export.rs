//! A busy year, exported, in the hands of the programs that accountants use.
//!
//! Each export ends its accounts with Tare's own balances, so a program that accepts the file has found the same
//! sums in its lines, to the last nanodollar. That it would have noticed is shown too.

use std::path::{Path, PathBuf};

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use billing::{Catalog, PriceBook};
use ledger::{Account, Source};
use operations::charge::{self, CorrectCharge};
use operations::dispute::{self, CloseDispute, OpenDispute};
use operations::grant::{self, IssueGrant, MoveCredits};
use operations::refund::{self, ReserveRefund};
use operations::{Context, Ids, Services};
use scenario::{Story, play};
use store::{Database, Reader, Store};
use tempfile::TempDir;
use tokio::process::Command;
use units::{Amount, DisputeId, RefundId};
use uuid::Uuid;

use crate::program::{Said, finish, run};

/// A year of three people on a virtual clock: purchases, gifts, expiry, adjustments, charges by tokens and by
/// cost, costs above everything that is there, holds that are released.
fn year() -> String {
    let mut story = String::from("name = \"A busy year\"\nstart = 2027-12-31T12:00:00Z\n");
    let mut step = |text: String| story.push_str(&format!("\n[[step]]\n{text}\n"));
    for user in ["ana", "bo", "cleo"] {
        step(format!("do = \"sign_up\"\nuser = \"{user}\""));
    }
    for month in 1..=12 {
        let day = |day: u32, hour: u32| format!("2028-{month:02}-{day:02}T{hour:02}:59:59.999999Z");
        step(format!("at = {}\ndo = \"grant\"\nwallet = \"ana\"\namount = \"20\"", day(1, 0)));
        step(format!("do = \"grant\"\nwallet = \"bo\"\namount = \"{month}.000000001\""));
        let gift = format!("wallet = \"cleo\"\namount = \"3.3\"\nfree = true\nexpires = {}", day(20, 23));
        step(format!("do = \"grant\"\n{gift}"));
        step(format!(
            "at = {}\ndo = \"use\"\nwallet = \"ana\"\nmodel = \"demo/small\"\ninput = {}\noutput = 77\ntimes = 9",
            day(3, 10),
            month * 1_111
        ));
        step("do = \"use\"\nwallet = \"ana\"\ncost = \"0.000000000333333333\"\ntimes = 7".to_owned());
        step(format!("do = \"hold\"\nid = \"big {month:02}\"\nwallet = \"bo\"\namount = \"0.5\""));
        step(format!(
            "do = \"settle\"\nid = \"big {month:02}\"\ncost = \"{}.25\"",
            if month % 4 == 0 { 90 } else { 1 }
        ));
        step(format!("do = \"hold\"\nid = \"none {month:02}\"\nwallet = \"ana\"\namount = \"2\""));
        step(format!("at = {}\ndo = \"release\"\nid = \"none {month:02}\"", day(3, 11)));
        step("do = \"adjust\"\nwallet = \"ana\"\namount = \"-0.123456789\"\nreason = \"too much\"".to_owned());
        step("do = \"adjust\"\nwallet = \"cleo\"\namount = \"0.000000007\"\nreason = \"a gift\"".to_owned());
        step("do = \"use\"\nwallet = \"cleo\"\ncost = \"1.1\"".to_owned());
    }
    step("at = 2028-12-31T23:59:59Z\ndo = \"wait\"".to_owned());
    story
}

/// Ids that count on behind those of the story.
#[derive(Default)]
struct Counting(AtomicU64);

impl Ids for Counting {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(0xffff << 64 | u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }

    fn secret(&self) -> [u8; 32] {
        unreachable!("no secret is made")
    }
}

struct Books {
    folder: TempDir,
}

impl Books {
    async fn of_a_year() -> Self {
        let books = Self { folder: tempfile::tempdir().unwrap() };
        let story = Story::parse(&year()).unwrap();
        let played = play(&story, Database::Sqlite(books.path("tare.db")), |_| {}).await.unwrap();
        let refused: Vec<_> = played.steps.iter().filter_map(|step| step.code.as_ref()).collect();
        assert!(played.failed.is_empty() && refused.is_empty(), "{:?} {refused:?}", played.failed);
        books.amend().await;
        books
    }

    /// What banks and operators do after the fact: a refund, a lost dispute of credits that were spent and a
    /// purchase that repays them, a charge that is taken back, and credits that move to another wallet.
    async fn amend(&self) {
        let store = Store::open(&Database::Sqlite(self.path("tare.db"))).await.unwrap();
        let services = Services::new(store, Catalog::embedded(), PriceBook::embedded());
        let reader = services.store.reader();
        let ctx = Context { now: "2028-12-31T23:59:59.5Z".parse().unwrap(), ids: Arc::new(Counting::default()) };
        let mut wallets = Vec::new();
        for name in ["ana@example.com", "bo@example.com", "cleo@example.com"] {
            wallets.push(reader.find_user_by_name(name).await.unwrap().unwrap().wallet);
        }
        let [ana, bo, cleo] = wallets[..] else { panic!("three people") };
        let dollars = Amount::from_dollars;

        let bought = reader.list_grants(ana, None, 100).await.unwrap();
        let grant = bought.iter().rfind(|grant| grant.paid && grant.left >= dollars(1)).unwrap().id;
        let refund = RefundId::from_uuid(ctx.ids.uuid());
        refund::reserve(&services, &ctx, ReserveRefund { wallet: ana, refund, grant, amount: dollars(1) })
            .await
            .unwrap();
        refund::finish(&services, &ctx, ana, refund, true).await.unwrap();

        let spent = reader.list_grants(bo, None, 100).await.unwrap();
        let grant = spent.iter().find(|grant| grant.paid && grant.left.is_zero()).unwrap().id;
        let dispute = DisputeId::from_uuid(ctx.ids.uuid());
        dispute::open(&services, &ctx, OpenDispute { wallet: bo, dispute, grant }).await.unwrap();
        dispute::close(&services, &ctx, CloseDispute { wallet: bo, dispute, grant, is_won: false }).await.unwrap();
        let purchase = IssueGrant {
            wallet: bo,
            source: Source::Purchase,
            amount: "0.4".parse().unwrap(),
            paid: true,
            expires: grant::Expiry::Never,
            key: None,
        };
        grant::issue(&services, &ctx, purchase).await.unwrap();

        let charges = reader.list_charges(ana, None, 100).await.unwrap();
        let row = charges.iter().find(|row| row.charge.debited.is_positive()).unwrap();
        let (charge, amount) = (row.charge.id, row.charge.debited);
        let correct = CorrectCharge { wallet: ana, charge, amount, reason: "charged by mistake".to_owned(), key: None };
        charge::correct(&services, &ctx, correct).await.unwrap();
        let moved = MoveCredits { from: ana, to: cleo, amount: "2.000000003".parse().unwrap(), key: None };
        grant::move_credits(&services, &ctx, moved).await.unwrap();
        services.store.close().await;
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn export(&self, words: &[&str], name: &str) -> PathBuf {
        let (database, out) = (self.path("tare.db"), self.path(name));
        let files = ["--database", database.to_str().unwrap(), "--out", out.to_str().unwrap()];
        run(["export"].iter().chain(words).chain(&files)).await.well();
        out
    }

    async fn reader(&self) -> Reader {
        Reader::open(&Database::Sqlite(self.path("tare.db"))).await.unwrap()
    }
}

async fn hledger(file: &Path, words: &[&str]) -> Said {
    finish(Command::new("hledger").arg("-f").arg(file).args(words)).await
}

async fn bean_check(file: &Path) -> Said {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/beancount/bin/bean-check");
    assert!(Path::new(program).exists(), "bean-check is missing; `tools/setup accounting` brings it");
    finish(Command::new(program).args(["--no-cache"]).arg(file)).await
}

/// The same file with one amount a nanodollar off.
fn spoiled(file: &Path) -> PathBuf {
    let text = std::fs::read_to_string(file).unwrap();
    let balanced = text.replacen("1.000000001 USD\n", "1.000000002 USD\n", 1);
    let balanced = balanced.replacen("-1.000000001 USD\n", "-1.000000002 USD\n", 1);
    assert_ne!(balanced, text);
    let spoiled = file.with_extension("spoiled");
    std::fs::write(&spoiled, balanced).unwrap();
    spoiled
}

#[tokio::test]
async fn hledger_accepts_a_year_and_has_the_same_balances() {
    let books = Books::of_a_year().await;
    let file = books.export(&["journal", "--format", "hledger"], "tare.journal").await;
    hledger(&file, &["check", "--strict"]).await.well();
    let spoilt = hledger(&spoiled(&file), &["check"]).await;
    assert!(spoilt.code != 0 && spoilt.err.contains("assertion"), "{spoilt:?}");

    let told = hledger(&file, &["balance", "--flat", "--no-total", "--empty", "-O", "csv"]).await.well();
    let totals = books.reader().await.platform_totals().await.unwrap();
    let names = [
        (Account::Cash, "Assets:Cash"),
        (Account::Revenue, "Income:Revenue"),
        (Account::Promotions, "Expenses:Promotions"),
        (Account::Breakage, "Income:Breakage"),
        (Account::Loss, "Expenses:Loss"),
        (Account::Receivable, "Assets:Receivable"),
    ];
    for (account, name) in names {
        let nanos = -totals[&account];
        assert_ne!(nanos, 0, "the year had none: {name}");
        let sign = if nanos < 0 { "-" } else { "" };
        let (dollars, rest) = (nanos.abs() / 1_000_000_000, nanos.abs() % 1_000_000_000);
        let line = format!("\"{name}\",\"{sign}{dollars}.{rest:09} USD\"");
        assert!(told.contains(&line), "{line} is missing in:\n{told}");
    }
}

#[tokio::test]
async fn beancount_accepts_a_year_and_its_parts() {
    let books = Books::of_a_year().await;
    let whole = books.export(&["journal", "--format", "beancount"], "tare.beancount").await;
    bean_check(&whole).await.well();
    let spoilt = bean_check(&spoiled(&whole)).await;
    assert!(spoilt.code != 0 && format!("{spoilt:?}").contains("Balance failed"), "{spoilt:?}");
    let ranges = [["--from", "2028-03-01", "--to", "2028-09-01"], ["--to", "2028-02-29", "--from", "2020-01-01"]];
    for (format, range) in [("beancount", ranges[0]), ("hledger", ranges[0]), ("beancount", ranges[1])] {
        let words: Vec<&str> = ["journal", "--format", format].into_iter().chain(range).collect();
        let part = books.export(&words, "part").await;
        match format {
            "hledger" => hledger(&part, &["check", "--strict"]).await.well(),
            _ => bean_check(&part).await.well(),
        };
    }
}

#[tokio::test]
async fn usage_is_a_table_that_no_spreadsheet_runs() {
    let books = Books::of_a_year().await;
    let file = books.export(&["usage", "--from", "2028-02-01", "--to", "2028-03-01"], "usage.csv").await;
    let text = std::fs::read_to_string(file).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    assert!(rows.iter().all(|row| row.len() == 16), "{text}");
    assert_eq!(rows[0][..3], ["day", "wallet", "model"]);
    assert!(rows.iter().any(|row| row[2..4] == ["demo/small", "demo"] && row[7..9] == ["9", "19998"]), "{text}");
    assert!(rows[1..].iter().all(|row| row[0].starts_with("2028-02-")));
}
