//! The thread that owns the file: it takes whatever arrived while the last commit was on its way to the
//! disk, decides it in memory, writes it, commits once, and answers everybody.

use std::path::{Path, PathBuf};

use futures_util::FutureExt;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};
use units::WalletId;

use super::cache::Cache;
use super::lock::Lock;
use super::{load, save};
use crate::batch::{Answer, Waiting, decide};
use crate::rows::Rows;
use crate::session::Session;
use crate::{Fault, MOST_IN_A_BATCH, PostError, Posting, migrate};

/// Work for the thread.
pub(crate) enum Job {
    /// A change of the books.
    Post(Box<Waiting>),
    /// An ordinary transaction. It answers its caller itself.
    Write(Box<dyn FnOnce(&mut Writer) + Send>),
    /// Finish what was queued, let go of the file, and say so.
    Close(oneshot::Sender<()>),
}

/// The connection, and the wallets that it alone changes.
pub(crate) struct Writer {
    path: PathBuf,
    connection: Connection,
    cache: Cache,
    _lock: Lock,
}

/// Opens the file, brings it up to date and starts the thread. The file is locked until the thread ends.
pub(crate) fn start(path: &Path, jobs: mpsc::Receiver<Job>) -> Result<(), Fault> {
    let lock = Lock::take(path)?;
    let mut connection = super::open_writer(path)?;
    in_transaction(&mut connection, "migrating the database", |mut session| {
        migrate::migrate(&mut session).now_or_never().expect("SQLite answers at once")
    })?;
    let writer = Writer { path: path.to_owned(), connection, cache: Cache::default(), _lock: lock };
    let thread = std::thread::Builder::new().name("tare-books".to_owned());
    let started = thread.spawn(move || writer.work(jobs));
    started.map(drop).map_err(|error| Fault::unavailable("starting the writer", error))
}

/// Runs one transaction: committed when the work succeeds, else rolled back.
fn in_transaction<T, E: From<Fault>>(
    connection: &mut Connection,
    doing: &'static str,
    work: impl FnOnce(Session<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let run = |connection: &Connection, sql| connection.execute_batch(sql).map_err(|error| super::fault(doing, error));
    run(connection, "BEGIN IMMEDIATE")?;
    let done = work(Session::sqlite(connection, doing));
    let ended = done.and_then(|value| run(connection, "COMMIT").map(|()| value).map_err(E::from));
    if ended.is_err() && !connection.is_autocommit() {
        // Whatever it answers, the connection is looked at again before it is used.
        let _ = connection.execute_batch("ROLLBACK");
    }
    ended
}

impl Writer {
    fn work(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut closing = Vec::new();
        let mut taken = Vec::new();
        while jobs.blocking_recv_many(&mut taken, MOST_IN_A_BATCH) > 0 {
            let mut batch = Vec::new();
            for job in taken.drain(..) {
                match job {
                    Job::Post(waiting) => batch.push(*waiting),
                    Job::Write(write) => {
                        self.post(std::mem::take(&mut batch));
                        write(&mut self);
                    }
                    Job::Close(closed) => {
                        jobs.close();
                        closing.push(closed);
                    }
                }
            }
            self.post(batch);
            self.cache.age();
        }
        drop(self);
        closing.into_iter().for_each(|closed| _ = closed.send(()));
    }

    /// Writes a batch and answers everybody in it. A row that the database refuses fails its posting
    /// alone: the batch is halved until it stands by itself, in the order of arrival.
    fn post(&mut self, mut batch: Vec<Waiting>) {
        if batch.is_empty() {
            return;
        }
        match self.try_post(&batch) {
            Ok(answers) => batch.into_iter().zip(answers).for_each(|(waiting, answer)| waiting.answer(answer)),
            Err(Fault::Rejected { .. }) if batch.len() > 1 => {
                let second = batch.split_off(batch.len() / 2);
                self.post(batch);
                self.post(second);
            }
            Err(fault) => {
                tracing::error!(%fault, postings = batch.len(), "a batch was not written");
                self.recover(&fault);
                batch.into_iter().for_each(|waiting| waiting.answer(Err(PostError::Fault(fault.clone()))));
            }
        }
    }

    fn try_post(&mut self, batch: &[Waiting]) -> Result<Vec<Answer>, Fault> {
        let postings: Vec<&Posting> = batch.iter().map(|waiting| &waiting.posting).collect();
        let known = load::load(&mut self.connection, &mut self.cache, &postings)?;
        let decided = decide(&mut self.cache.young, known, &postings);
        let rows = Rows::lay_out(&decided.pages, &self.cache.young, &postings, &decided.answers);
        let written = match rows.is_empty() {
            true => Ok(()),
            false => commit(&self.connection, &rows),
        };
        let touched = || postings.iter().map(|posting| posting.wallet);
        match &written {
            Ok(()) => self.forget_fates(touched()),
            Err(_) => self.cache.forget(touched()),
        }
        written.map(|()| decided.answers)
    }

    fn forget_fates(&mut self, touched: impl Iterator<Item = WalletId>) {
        for id in touched {
            if let Some(wallet) = self.cache.young.get_mut(&id) {
                wallet.forget_fates();
            }
        }
    }

    /// After the disk failed nothing in memory is trusted: the file is opened anew.
    fn recover(&mut self, fault: &Fault) {
        self.cache.clear();
        if matches!(fault, Fault::Rejected { .. }) {
            return;
        }
        match super::open_writer(&self.path) {
            Ok(connection) => self.connection = connection,
            Err(fault) => tracing::error!(%fault, "the database cannot be opened again yet"),
        }
    }

    /// An ordinary transaction between two batches.
    pub(crate) fn transact<T, E: From<Fault>>(
        &mut self,
        work: impl FnOnce(Session<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        in_transaction(&mut self.connection, "writing", work)
    }
}

/// One transaction, one wait for the disk.
fn commit(connection: &Connection, rows: &Rows<'_>) -> Result<(), Fault> {
    let run = |sql| connection.execute_batch(sql).map_err(|error| super::fault("writing the books", error));
    run("BEGIN IMMEDIATE")?;
    let written = save::save(connection, rows).and_then(|()| run("COMMIT"));
    if written.is_err() && !connection.is_autocommit() {
        // The fault is what counts; a rollback that fails too leads to a new connection.
        let _ = connection.execute_batch("ROLLBACK");
    }
    written
}
