//! The naive way on SQLite: each hold and each settlement a transaction that updates the wallet's row.
//!
//! At its best: one connection that no other contends with, prepared statements, write-ahead log, and every commit
//! durable. It keeps less than Tare does: no grants, no draws, no journal, no rollups.

use std::path::Path;

use benches::Failure;
use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::{mpsc, oneshot};

use crate::commits::WalCounter;
use crate::request::{Request, id_of};

const TABLES: &str = "
    CREATE TABLE wallet (id BLOB PRIMARY KEY, balance INTEGER NOT NULL, held INTEGER NOT NULL, \
        CHECK (held >= 0 AND balance >= held)) STRICT, WITHOUT ROWID;
    CREATE TABLE hold (id BLOB PRIMARY KEY, wallet BLOB NOT NULL, amount INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE usage (hold BLOB PRIMARY KEY, wallet BLOB NOT NULL, model TEXT NOT NULL, input INTEGER NOT NULL, \
        cached INTEGER NOT NULL, output INTEGER NOT NULL, cost INTEGER NOT NULL) STRICT, WITHOUT ROWID;";
// The same settings as the store's.
const SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 16000; \
                        PRAGMA cache_size = -65536;";

/// The books, kept by one thread.
pub struct NaiveSqlite {
    jobs: mpsc::Sender<Job>,
    commits: Option<WalCounter>,
}

type Done<T> = oneshot::Sender<rusqlite::Result<T>>;

enum Job {
    Hold { id: [u8; 16], wallet: [u8; 16], amount: i64, done: Done<()> },
    Settle { row: UsageRow, done: Done<()> },
    Charges { wallet: [u8; 16], done: Done<u64> },
}

struct UsageRow {
    id: [u8; 16],
    wallet: [u8; 16],
    model: &'static str,
    counts: [i64; 3],
    cost: i64,
    held: i64,
}

impl NaiveSqlite {
    /// Makes the file with wallets that have enough.
    pub fn open(path: &Path, wallets: usize) -> Result<Self, Failure> {
        let connection = Connection::open(path)?;
        connection.execute_batch(SETTINGS)?;
        connection.execute_batch("BEGIN")?;
        connection.execute_batch(TABLES)?;
        for index in 0..wallets {
            let wallet = id_of(index, 0).into_bytes();
            connection
                .prepare_cached("INSERT INTO wallet VALUES (?1, ?2, 0)")?
                .execute(params![wallet, i64::MAX / 2])?;
        }
        connection.execute_batch("COMMIT")?;
        let commits = WalCounter::open(path);
        let (jobs, mut waiting) = mpsc::channel(1024);
        std::thread::spawn(move || {
            while let Some(job) = waiting.blocking_recv() {
                work(&connection, job);
            }
        });
        Ok(Self { jobs, commits })
    }

    /// Reserves.
    pub async fn hold(&self, request: &Request) -> Result<(), Failure> {
        let (id, wallet) = (request.hold.uuid().into_bytes(), id_of(request.wallet, 0).into_bytes());
        let amount = request.wanted().nanos();
        self.ask(|done| Job::Hold { id, wallet, amount, done }).await
    }

    /// Charges and records.
    pub async fn settle(&self, request: &Request) -> Result<(), Failure> {
        let row = UsageRow {
            id: request.hold.uuid().into_bytes(),
            wallet: id_of(request.wallet, 0).into_bytes(),
            model: request.model,
            counts: [request.input, request.cached, request.output].map(|count| count as i64),
            cost: request.cost().to_amount_ceil()?.nanos(),
            held: request.wanted().nanos(),
        };
        self.ask(|done| Job::Settle { row, done }).await
    }

    /// Rows of usage of a wallet.
    pub async fn charges(&self, wallet: usize) -> Result<u64, Failure> {
        let wallet = id_of(wallet, 0).into_bytes();
        self.ask(|done| Job::Charges { wallet, done }).await
    }

    /// Transactions so far.
    pub fn commits(&self) -> Option<u64> {
        self.commits.as_ref()?.read()
    }

    async fn ask<T>(&self, job: impl FnOnce(Done<T>) -> Job) -> Result<T, Failure> {
        let (done, answer) = oneshot::channel();
        self.jobs.send(job(done)).await.map_err(|_| "the naive books have ended")?;
        Ok(answer.await??)
    }
}

/// Whoever asked may have gone: that is no reason to stop.
fn work(connection: &Connection, job: Job) {
    match job {
        Job::Hold { id, wallet, amount, done } => {
            _ = done.send(in_transaction(connection, || {
                let sql = "UPDATE wallet SET held = held + ?2 WHERE id = ?1 AND balance - held >= ?2";
                one(connection.prepare_cached(sql)?.execute(params![wallet, amount])?)?;
                let sql = "INSERT INTO hold VALUES (?1, ?2, ?3)";
                one(connection.prepare_cached(sql)?.execute(params![id, wallet, amount])?)
            }));
        }
        Job::Settle { row, done } => {
            _ = done.send(in_transaction(connection, || {
                let sql = "UPDATE wallet SET held = held - ?3, balance = balance - ?2 WHERE id = ?1";
                one(connection.prepare_cached(sql)?.execute(params![row.wallet, row.cost, row.held])?)?;
                let sql = "INSERT INTO usage VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
                let [input, cached, output] = row.counts;
                let values = params![row.id, row.wallet, row.model, input, cached, output, row.cost];
                one(connection.prepare_cached(sql)?.execute(values)?)
            }));
        }
        Job::Charges { wallet, done } => {
            let sql = "SELECT count(*) FROM usage WHERE wallet = ?1";
            let count = connection.query_row(sql, [wallet], |row| row.get::<_, i64>(0)).optional();
            _ = done.send(count.map(|count| count.unwrap_or_default() as u64));
        }
    }
}

fn in_transaction(connection: &Connection, work: impl FnOnce() -> rusqlite::Result<()>) -> rusqlite::Result<()> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let ended = work().and_then(|()| connection.prepare_cached("COMMIT")?.execute([]).map(drop));
    if ended.is_err() {
        connection.execute_batch("ROLLBACK")?;
    }
    ended
}

/// A refused hold would make the figures those of something else.
fn one(rows: usize) -> rusqlite::Result<()> {
    match rows {
        1 => Ok(()),
        rows => Err(rusqlite::Error::StatementChangedRows(rows)),
    }
}
