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

/// A database with one wallet in it.
struct Book {
    books: Arc<Books>,
    reader: Reader,
    began: units::Instant,
}

/// Grows one wallet to so many charges and another one to a few, each in its own database, and reads both in turns.
pub async fn measure(kind: Kind, charges: u64, scratch: &mut Scratch) -> Result<History, Failure> {
    let few = YOUNG.min(charges);
    let young = Book::open(kind, "young", scratch).await?;
    fill(&young.books, Shape::Hot, few, |_| ()).await?;
    let middle_of_young = young.middle();
    let old = Book::open(kind, "history", scratch).await?;
    let memory = grow(kind, &old, charges).await?;
    if let (Kind::Postgres, Some(postgres)) = (kind, &scratch.postgres) {
        postgres.rest().await?;
    }
    let [of_young, of_old] = read([(&young, middle_of_young), (&old, old.middle())]).await?;
    young.close(few).await?;
    old.close(charges).await?;
    Ok(History { kind, charges, young: of_young, old: of_old, memory })
}

/// Fills a wallet, and answers with the most memory in each part. What waits for the tables comes and goes within a
/// second, and memory with it: so the most is compared.
async fn grow(kind: Kind, old: &Book, charges: u64) -> Result<Vec<Option<u64>>, Failure> {
    let bar = bar(charges);
    bar.set_message(format!("{}, a history of {} charges", kind.name(), whole(charges as f64)));
    let mut noted = Vec::new();
    for part in 0..PARTS {
        let (from, until) = (charges * part / PARTS, charges * (part + 1) / PARTS);
        let most = Cell::new(None);
        let tell = |left| {
            bar.set_position(until - left);
            most.set(most.get().max(memory()));
        };
        fill(&old.books, Shape::Hot, until - from, tell).await?;
        noted.push(most.get());
    }
    bar.finish_and_clear();
    Ok(noted)
}

impl Book {
    async fn open(kind: Kind, name: &str, scratch: &mut Scratch) -> Result<Self, Failure> {
        let tare = match (kind, scratch.postgres.as_mut()) {
            (Kind::Sqlite, _) => Tare::sqlite(&scratch.sqlite(name)).await?,
            (Kind::Postgres, Some(postgres)) => {
                Tare::postgres(&postgres.database(name).await?, 1, postgres.server).await?
            }
            (Kind::Postgres, None) => return Err("no PostgreSQL is named".into()),
        };
        tare.sign_up(0, 1).await?;
        Ok(Self { reader: tare.reader().clone(), books: Arc::new(Books::Tare(tare)), began: now() })
    }

    /// Where the older half of the charges ends, when the last one has just been made.
    fn middle(&self) -> HoldId {
        let middle = self.began.micros().midpoint(now().micros()) / 1000;
        HoldId::from_uuid(Builder::from_unix_timestamp_millis(middle as u64, &[0; 10]).into_uuid())
    }

    async fn close(self, charges: u64) -> Result<(), Failure> {
        let found = self.books.charges(0).await?;
        if found != charges {
            return Err(format!("{charges} charges were answered, {found} are in the books").into());
        }
        if let Some(books) = Arc::into_inner(self.books) {
            books.close().await;
        }
        Ok(())
    }
}

/// Asks every question of both in turns: what the machine does meanwhile, it does to both.
async fn read(books: [(&Book, HoldId); 2]) -> Result<[[Latency; 4]; 2], Failure> {
    let wallet = wallet_id(0);
    let mut answers = [(); 2].map(|()| [(); 4].map(|()| Latency::default()));
    // The first tenth is not counted: connections open, caches fill.
    for turn in 0..TIMES + TIMES / 10 {
        for question in 0..QUESTIONS.len() {
            for ((Book { reader, .. }, middle), latencies) in books.iter().zip(&mut answers) {
                let asked = Instant::now();
                let rows = match question {
                    0 => reader.load_wallet(wallet).await?.map_or(0, |wallet| wallet.grants().len()),
                    1 => reader.list_charges(wallet, None, PAGE).await?.len(),
                    2 => reader.list_charges(wallet, Some(*middle), PAGE).await?.len(),
                    _ => reader.list_usage_daily(wallet, Day::from_number(0), now().day().next()).await?.len(),
                };
                if rows == 0 {
                    return Err(format!("{}: nothing was found", QUESTIONS[question]).into());
                }
                if turn >= TIMES / 10 {
                    latencies[question].add(asked.elapsed());
                }
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
    let ratios = histories.iter().flat_map(|history| (0..QUESTIONS.len()).map(|at| history.ratio(at))).collect();
    let growths = histories.iter().map(History::growth).collect();
    vec![
        Target::at_most("balance, page or sums of days, old wallet, x a young one", 1.5, 1.1, worst(ratios)),
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
