//! How long an audit takes: fills a SQLite file with sealed transfers through the ledger, recomputes all of it as
//! `tare verify` does, and asks the questions about the past that a long journal could make slow.
//!
//! ```text
//! cargo bench -p benches --bench audit -- --transfers 10000000 --wallets 1000 --file target/audit.db
//! ```

use std::path::PathBuf;
use std::time::{Duration, Instant};

use benches::{Failure, memory};
use billing::{CostSource, Usage, UsageRecord};
use clap::Parser;
use futures_util::future::try_join_all;
use indicatif::{ProgressBar, ProgressStyle};
use ledger::{Command, Issue, LateSettle, Settle, Source};
use store::{Database, Posting, Store, UserRow, verify};
use units::{Amount, Cost, GrantId, HoldId, RequestId, Seconds, UserId, WalletId};
use uuid::{Builder, Uuid};

/// Fills a file with charges, verifies it, and asks about its past.
#[derive(Parser)]
struct Options {
    /// How many transfers: one for each charge, and one for each wallet's grant.
    #[arg(long, default_value_t = 100_000)]
    transfers: u64,
    /// Among how many wallets; the charges go to them in turn, over a year.
    #[arg(long, default_value_t = 100)]
    wallets: u64,
    /// The file; one that is there is only read. Without it, one that is gone afterwards.
    #[arg(long)]
    file: Option<PathBuf>,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

/// 1 January 2026, from where the year is counted.
const START: units::Instant = units::Instant::from_micros(1_767_225_600_000_000);
const YEAR: i64 = 365 * 86_400;
const IN_FLIGHT: u64 = 4_096;

fn id(kind: u64, count: u64) -> Uuid {
    let mut random = [0; 10];
    random[0] = kind as u8;
    random[2..].copy_from_slice(&count.to_be_bytes());
    Builder::from_unix_timestamp_millis(1_767_225_600_000 + count, &random).into_uuid()
}

fn main() -> Result<(), Failure> {
    let options = Options::parse();
    tokio::runtime::Runtime::new()?.block_on(run(&options))
}

async fn run(options: &Options) -> Result<(), Failure> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let file = options.file.clone().unwrap_or_else(|| folder.path().join("audit.db"));
    let is_there = file.exists();
    let store = Store::open(&Database::Sqlite(file)).await?;
    if !is_there {
        let began = Instant::now();
        fill(&store, options).await?;
        told("filled through the ledger", options.transfers, began.elapsed());
        let began = Instant::now();
        let segments = sum_up(&store).await?;
        println!("summed up {segments} segments in {:.1} s", began.elapsed().as_secs_f64());
    }
    let began = Instant::now();
    let bar = bar(0);
    let report = verify(store.reader(), &mut |progress| {
        bar.set_length(progress.rows_expected);
        bar.set_position(progress.rows);
    })
    .await?;
    bar.finish_and_clear();
    let (wallets, transfers, charges) = (report.wallets, report.transfers, report.charges);
    println!("verified {wallets} wallets, {transfers} transfers, {charges} charges, clean: {}", report.is_clean());
    told("verified", transfers + charges, began.elapsed());
    ask(&store, options).await?;
    store.close().await;
    Ok(())
}

fn told(what: &str, rows: u64, took: Duration) {
    let rate = rows as f64 / took.as_secs_f64();
    let megabytes = memory().map_or(0, |bytes| bytes / 1_000_000);
    println!("{what}: {rows} rows in {:.1} s, {rate:.0} a second; memory {megabytes} MB", took.as_secs_f64());
}

fn bar(length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {percent}%  {human_pos} of {human_len}, {per_sec}, {eta} to go");
    ProgressBar::new(length).with_style(style.expect("a fixed template"))
}

async fn fill(store: &Store, options: &Options) -> Result<(), Failure> {
    for number in 0..options.wallets {
        let wallet = WalletId::from_uuid(id(1, number));
        let user = UserRow::new(UserId::from_uuid(id(2, number)), wallet, format!("w{number}"), START);
        store.write(async move |tx| tx.insert_user_with_wallet(&user).await).await?;
        let grant = Command::Issue(Issue {
            grant: GrantId::from_uuid(id(3, number)),
            source: Source::Purchase,
            amount: Amount::from_dollars(1_000_000),
            paid: true,
            effective_at: START,
            expires_at: None,
        });
        store.post(Posting { wallet, now: START, command: grant, key: None, usage: None }).await?;
    }
    let charges = options.transfers.saturating_sub(options.wallets);
    let bar = bar(charges);
    for first in (0..charges).step_by(IN_FLIGHT as usize) {
        let batch = first..(first + IN_FLIGHT).min(charges);
        try_join_all(batch.map(|number| store.post(charge(number, charges, options.wallets)))).await?;
        bar.set_position(first);
    }
    bar.finish_and_clear();
    Ok(())
}

/// The n-th charge, with its usage record.
fn charge(number: u64, all: u64, wallets: u64) -> Posting {
    let now = START.plus(Seconds((i128::from(number) * i128::from(YEAR) / i128::from(all)) as i64));
    let settle = Settle {
        hold: HoldId::from_uuid(id(4, number)),
        cost: Cost::from_attos(1_234_567_890_123 + i128::from(number % 1_000)),
        late: LateSettle::Charge,
    };
    let usage = UsageRecord {
        request: RequestId::from_uuid(id(5, number)),
        user: None,
        api_key: None,
        model: "demo/small".to_owned(),
        provider: "demo".to_owned(),
        project: String::new(),
        admitted_at: now,
        price_version: None,
        cost_source: CostSource::Priced,
        own_cost: None,
        usage: Usage { input: 1_000, output: 100, ..Usage::default() },
    };
    let wallet = WalletId::from_uuid(id(1, number % wallets));
    Posting { wallet, now, command: Command::Settle(settle), key: None, usage: Some(usage) }
}

async fn sum_up(store: &Store) -> Result<u64, Failure> {
    let (mut after, mut built) = (None, 0);
    while let Some((wallet, first)) = store.reader().list_unsummed_segments(after, 1).await?.pop() {
        let mut number = first;
        while let Some(segment) = store.reader().sum_segment(wallet, number).await? {
            store.write(async move |tx| tx.insert_segment(&segment).await).await?;
            (number, built) = (number + 1, built + 1);
        }
        after = Some(wallet);
    }
    Ok(built)
}

/// The balance at random moments, and pages of a grant's trail from random places.
async fn ask(store: &Store, options: &Options) -> Result<(), Failure> {
    let (wallet, grant) = (WalletId::from_uuid(id(1, 0)), GrantId::from_uuid(id(3, 0)));
    let length = options.transfers / options.wallets;
    let mut took = [Vec::new(), Vec::new()];
    for turn in 0..200u64 {
        let random = turn.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let at = START.plus(Seconds((random % YEAR as u64) as i64));
        let began = Instant::now();
        let past = store.reader().find_past(wallet, at).await?;
        took[0].push(began.elapsed());
        let began = Instant::now();
        let page = store.reader().list_transfers_of_grant(wallet, grant, random % length, 50).await?;
        took[1].push(began.elapsed());
        if past.is_none_or(|past| past.grants.is_empty()) || page.is_empty() {
            return Err("the past is empty".into());
        }
    }
    for (name, mut took) in ["balance at a random moment", "page of a grant's trail"].into_iter().zip(took) {
        took.sort_unstable();
        let [half, most] = [took[100], took[197]].map(|took| took.as_secs_f64() * 1e3);
        println!("{name}, a journal of {length} transfers: p50 {half:.1} ms, p99 {most:.1} ms");
    }
    Ok(())
}
