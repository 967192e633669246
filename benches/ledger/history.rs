//! Whether reading a wallet stays fast, and memory flat, while its history grows.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Instant;

use benches::{Failure, Latency, NONE, Scratch, Table, Target, memory, millis, short, whole};
use store::Reader;
use units::{Day, HoldId};
use uuid::Builder;

use crate::books::Books;
use crate::load::fill;
use crate::options::Kind;
use crate::request::{Shape, now};
use crate::rounds::bar;
use crate::tare::{Tare, wallet_id};

/// How many charges a young wallet has.
const YOUNG: u64 = 10_000;
/// How often each question is asked.
const TIMES: usize = 1000;
/// A page.
const PAGE: u32 = 50;
/// Memory is noted for each of so many parts of the history.
const PARTS: u64 = 10;

const QUESTIONS: [&str; 4] = ["balance", "latest page of charges", "page in the middle", "usage by day"];

/// One database's history.
pub struct History {
    kind: Kind,
    charges: u64,
    young: [Latency; 4],
    old: [Latency; 4],
    /// The most bytes that were resident in each part.
    memory: Vec<Option<u64>>,
}

/// Grows a wallet and reads it.
pub async fn measure(kind: Kind, charges: u64, scratch: &mut Scratch) -> Result<History, Failure> {
    let tare = match (kind, scratch.postgres.as_mut()) {
        (Kind::Sqlite, _) => Tare::sqlite(&scratch.sqlite("history")).await?,
        (Kind::Postgres, Some(postgres)) => {
            Tare::postgres(&postgres.database("history").await?, 1, postgres.server).await?
        }
        (Kind::Postgres, None) => return Err("no PostgreSQL is named".into()),
    };
    tare.sign_up(0, 1).await?;
    let reader = tare.reader().clone();
    let books = Arc::new(Books::Tare(tare));
    let bar = bar(charges);
    // What waits for the tables comes and goes within a second, and memory with it: so the most is compared.
    let grow = async |pairs: u64| {
        let done = bar.position();
        let most = Cell::new(None);
        bar.set_message(format!("{}, a history of {} charges", kind.name(), whole(charges as f64)));
        let tell = |left| {
            bar.set_position(done + pairs - left);
            most.set(most.get().max(memory()));
        };
        fill(&books, Shape::Hot, pairs, tell).await?;
        bar.set_position(done + pairs);
        Ok::<_, Failure>(most.get())
    };
    let began = now();
    grow(YOUNG.min(charges)).await?;
    rest(kind, scratch).await?;
    let young = read(&reader, began).await?;
    let mut noted = Vec::new();
    for part in 0..PARTS {
        let more = charges.saturating_sub(YOUNG);
        noted.push(grow(more * (part + 1) / PARTS - more * part / PARTS).await?);
    }
    rest(kind, scratch).await?;
    let old = read(&reader, began).await?;
    bar.finish_and_clear();
    let found = books.charges(0).await?;
    if found != charges.max(YOUNG.min(charges)) {
        return Err(format!("{}: {charges} charges were answered, {found} are in the books", kind.name()).into());
    }
    if let Some(books) = Arc::into_inner(books) {
        books.close().await;
    }
    Ok(History { kind, charges, young, old, memory: noted })
}

/// Lets a server finish what the load left to it, so that young and old are read under the same conditions.
async fn rest(kind: Kind, scratch: &Scratch) -> Result<(), Failure> {
    match &scratch.postgres {
        Some(postgres) if kind == Kind::Postgres => postgres.rest().await,
        _ => Ok(()),
    }
}

/// Asks every question in turn.
async fn read(reader: &Reader, began: units::Instant) -> Result<[Latency; 4], Failure> {
    let wallet = wallet_id(0);
    let middle = began.micros().midpoint(now().micros()) / 1000;
    let middle = HoldId::from_uuid(Builder::from_unix_timestamp_millis(middle as u64, &[0; 10]).into_uuid());
    let mut answers = [(); 4].map(|()| Latency::default());
    // The first tenth is not counted: connections open, caches fill.
    for turn in 0..TIMES + TIMES / 10 {
        for (question, latency) in answers.iter_mut().enumerate() {
            let asked = Instant::now();
            let rows = match question {
                0 => reader.load_wallet(wallet).await?.map_or(0, |wallet| wallet.grants().len()),
                1 => reader.list_charges(wallet, None, PAGE).await?.len(),
                2 => reader.list_charges(wallet, Some(middle), PAGE).await?.len(),
                _ => reader.list_usage_daily(wallet, Day::from_number(0), now().day().next()).await?.len(),
            };
            if rows == 0 {
                return Err(format!("{}: nothing was found", QUESTIONS[question]).into());
            }
            if turn >= TIMES / 10 {
                latency.add(asked.elapsed());
            }
        }
    }
    Ok(answers)
}

/// How long each question took, young and old.
pub fn table(histories: &[History]) -> Table {
    let headings =
        ["database", "question", "charges", "p50 ms", "p99 ms", "charges", "p50 ms", "p99 ms", "ratio of p50"];
    let mut table = Table::new(2, &headings);
    for history in histories {
        for (at, question) in QUESTIONS.iter().enumerate() {
            let mut row = vec![history.kind.name().to_owned(), (*question).to_owned()];
            for (charges, latency) in [(YOUNG, &history.young[at]), (history.charges, &history.old[at])] {
                row.push(whole(charges as f64));
                row.extend([50.0, 99.0].map(|percent| millis(latency.percentile(percent))));
            }
            row.push(history.ratio(at).map_or_else(|| NONE.to_owned(), short));
            table.push(row);
        }
    }
    table
}

/// The line that says what memory did.
pub fn memory_line(history: &History) -> String {
    let megabytes = |bytes: &Option<u64>| bytes.map_or(NONE.to_owned(), |bytes| whole(bytes as f64 / 1e6));
    let parts: Vec<String> = history.memory.iter().map(megabytes).collect();
    let (charges, kind) = (whole(history.charges as f64), history.kind.name());
    format!("Most memory of the process on {kind} in each tenth of {charges} pairs, in MB: {}.", parts.join(", "))
}

/// The targets that histories decide.
pub fn targets(histories: &[History]) -> Vec<Target> {
    let worst =
        |figures: Vec<Option<f64>>| figures.into_iter().collect::<Option<Vec<_>>>()?.into_iter().max_by(f64::total_cmp);
    let ratios = histories.iter().flat_map(|history| (0..3).map(|at| history.ratio(at))).collect();
    let growths = histories.iter().map(History::growth).collect();
    vec![
        Target::at_most("balance or page of charges, old wallet, x a young one", 1.5, 1.1, worst(ratios)),
        // Flat: the caches are full after a tenth, and what grows from there on would grow for ever.
        Target::at_most("memory in the last tenth of the history, x in the second", 1.1, 1.05, worst(growths)),
    ]
}

impl History {
    fn ratio(&self, question: usize) -> Option<f64> {
        let time = |latency: &Latency| Some(latency.percentile(50.0)?.as_secs_f64());
        Some(time(&self.old[question])? / time(&self.young[question])?)
    }

    fn growth(&self) -> Option<f64> {
        let at = |part: usize| self.memory.get(part).copied().flatten();
        Some(at(PARTS as usize - 1)? as f64 / at(1)? as f64)
    }
}
