//! The thread that owns the file: it takes whatever arrived while the last commit was on its way to the
//! disk, decides it in memory, writes it, commits once, and answers everybody.

use std::path::{Path, PathBuf};

use futures_util::FutureExt;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::lock::Lock;
use super::{load, save};
use crate::batch::{Answer, Waiting, decide};
use crate::cache::Cache;
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
    /// Whether the disk failed since the file was last known to be sound.
    is_in_doubt: bool,
    _lock: Lock,
}

const DOING: &str = "writing the books";

/// Opens the file, brings it up to date and starts the thread. The file is locked until the thread ends.
pub(crate) fn start(path: &Path, jobs: mpsc::Receiver<Job>) -> Result<(), Fault> {
    let lock = Lock::take(path)?;
    let mut connection = super::open_writer(path)?;
    let doing = "migrating the database";
    in_transaction(&mut connection, doing, |connection| {
        let mut session = Session::sqlite(connection, doing);
        migrate::migrate(&mut session).now_or_never().expect("SQLite answers at once")
    })?;
    // The last process may have died of a disk that could not write the log. Somebody who reads the file for
    // long is no reason not to start.
    if let Err(fault) = super::checkpoint(&connection) {
        tracing::warn!(%fault, "the log stays as it is");
    }
    let writer = Writer { path: path.to_owned(), connection, cache: Cache::default(), is_in_doubt: false, _lock: lock };
    let thread = std::thread::Builder::new().name("tare-books".to_owned());
    let started = thread.spawn(move || writer.work(jobs));
    started.map(drop).map_err(|error| Fault::unavailable("starting the writer", error))
}

/// Why a transaction was not committed.
enum Ended<E> {
    /// Its work said no.
    Refused(E),
    /// The disk did.
    Failed(Fault),
}

impl From<Ended<Fault>> for Fault {
    fn from(ended: Ended<Fault>) -> Self {
        match ended {
            Ended::Refused(fault) | Ended::Failed(fault) => fault,
        }
    }
}

/// Runs one transaction: committed when the work succeeds, else rolled back.
fn in_transaction<T, E>(
    connection: &mut Connection,
    doing: &'static str,
    work: impl FnOnce(&mut Connection) -> Result<T, E>,
) -> Result<T, Ended<E>> {
    let run = |connection: &Connection, sql| {
        connection.execute_batch(sql).map_err(|error| Ended::Failed(super::fault(doing, error)))
    };
    run(connection, "BEGIN IMMEDIATE")?;
    let done = work(connection).map_err(Ended::Refused);
    let ended = done.and_then(|value| run(connection, "COMMIT").map(|()| value));
    if ended.is_err() && !connection.is_autocommit() {
        run(connection, "ROLLBACK")?;
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
                    Job::Post(waiting) if waiting.posting.command.stands_alone() => {
                        self.post(std::mem::take(&mut batch));
                        self.post(vec![*waiting]);
                    }
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
        match self.settle_doubt().and_then(|()| self.try_post(&batch)) {
            Ok(answers) => batch.into_iter().zip(answers).for_each(|(waiting, answer)| waiting.answer(answer)),
            Err(Fault::Rejected { .. }) if batch.len() > 1 => {
                let second = batch.split_off(batch.len() / 2);
                self.post(batch);
                self.post(second);
            }
            Err(fault) => {
                tracing::error!(%fault, postings = batch.len(), "a batch was not written");
                self.is_in_doubt |= !matches!(fault, Fault::Rejected { .. });
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
            false => in_transaction(&mut self.connection, DOING, |connection| save::save(connection, &rows)),
        };
        let touched = || postings.iter().flat_map(|posting| posting.wallets());
        match &written {
            Ok(()) => self.cache.forget_fates(touched()),
            Err(_) => self.cache.forget(touched()),
        }
        Ok(written.map(|()| decided.answers)?)
    }

    /// An ordinary transaction between two batches.
    pub(crate) fn transact<T, E: From<Fault>>(
        &mut self,
        work: impl FnOnce(Session<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.settle_doubt()?;
        let doing = "writing";
        let done = in_transaction(&mut self.connection, doing, |connection| work(Session::sqlite(connection, doing)));
        done.map_err(|ended| match ended {
            Ended::Refused(error) => error,
            Ended::Failed(fault) => {
                self.is_in_doubt = true;
                fault.into()
            }
        })
    }

    /// After the disk failed nothing in memory is trusted, and nothing is acknowledged, until everything in
    /// the log was written to the file itself: a system that could not write a page once may call it
    /// written the next time it is asked.
    fn settle_doubt(&mut self) -> Result<(), Fault> {
        if !self.is_in_doubt {
            return Ok(());
        }
        self.cache.clear();
        self.connection = super::open_writer(&self.path)?;
        super::checkpoint(&self.connection)?;
        self.is_in_doubt = false;
        Ok(())
    }
}
