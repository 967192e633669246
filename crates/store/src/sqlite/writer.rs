//! The thread that owns the file: it takes whatever arrived while the last commit was on its way to the
//! disk, decides it in memory, writes it into the log, commits once, and has everybody answered. Between two batches,
//! and when nothing arrives, it projects the tail of the log into the tables.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use foldhash::{HashSet, HashSetExt};
use futures_util::FutureExt;
use rusqlite::Connection;
use tokio::sync::oneshot;
use units::WalletId;

use super::answering::Answering;
use super::lock::Lock;
use super::transaction::{Ended, in_transaction};
use super::{load, log};
use crate::batch::{Answer, Known, Waiting, decide, must_be_in_tables};
use crate::cache::Cache;
use crate::log::{Tail, body};
use crate::queue::{Taken, Taker};
use crate::session::Session;
use crate::{Fault, MOST_IN_A_BATCH, PostError, Posting, migrate};

/// Work for the thread.
pub(crate) enum Job {
    /// A change of the books.
    Post(Waiting),
    /// An ordinary transaction. It answers its caller itself.
    Write(Box<dyn FnOnce(&mut Writer) + Send>),
    /// Bring the tables up to what was acknowledged: of one wallet, or of all. Says when that is done.
    Project(Option<WalletId>, oneshot::Sender<()>),
    /// Finish what was queued, let go of the file, and say so.
    Close(oneshot::Sender<()>),
}

/// The connection, and the wallets that it alone changes.
pub(crate) struct Writer {
    pub(super) path: PathBuf,
    pub(super) connection: Connection,
    pub(super) cache: Cache,
    /// What of the log is not in the tables yet.
    pub(super) tail: Tail,
    /// The last batch of the log.
    pub(super) number: i64,
    /// Wallets of which the tables refused a page.
    pub(super) refused: HashSet<WalletId>,
    /// Whether there is a tail, for those who read.
    pub(super) is_behind: Arc<AtomicBool>,
    /// Who waits until the tables have everything up to a batch.
    pub(super) waiting: Vec<(i64, oneshot::Sender<()>)>,
    /// Whether the disk failed since the file was last known to be sound.
    pub(super) is_in_doubt: bool,
    _lock: Lock,
}

/// When nothing arrives for so long, the tail is projected although it is short.
const IDLE: Duration = Duration::from_millis(4);

/// When the tables cannot be written, they are tried again after so long.
const RETRY: Duration = Duration::from_millis(500);

/// Opens the file, brings it and its tables up to date and starts the thread. The file is locked until the
/// thread ends.
pub(crate) fn start(path: &Path, jobs: Taker<Job>, is_behind: Arc<AtomicBool>) -> Result<(), Fault> {
    let writer = Writer::open(path, Lock::take(path)?, is_behind)?;
    let thread = std::thread::Builder::new().name("tare-books".to_owned());
    let answering = Answering::start()?;
    let started = thread.spawn(move || writer.work(jobs, answering));
    started.map(drop).map_err(|error| Fault::unavailable("starting the writer", error))
}

/// Projects what a process that is gone left in the log. A process that has the file does it itself.
pub(crate) fn catch_up(path: &Path) -> Result<(), Fault> {
    match Lock::try_take(path) {
        Ok(lock) => Writer::open(path, lock, Arc::default()).map(drop),
        Err(Fault::InUse(_)) => Ok(()),
        Err(fault) => Err(fault),
    }
}

impl Writer {
    fn open(path: &Path, lock: Lock, is_behind: Arc<AtomicBool>) -> Result<Self, Fault> {
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
        let mut writer = Self {
            path: path.to_owned(),
            connection,
            cache: Cache::default(),
            tail: Tail::default(),
            number: 0,
            refused: HashSet::new(),
            is_behind,
            waiting: Vec::new(),
            is_in_doubt: false,
            _lock: lock,
        };
        writer.read_log()?;
        writer.project_all()?;
        Ok(writer)
    }

    fn work(mut self, jobs: Taker<Job>, answering: Answering) {
        let (mut closing, mut taken) = (Vec::new(), Vec::new());
        let mut patience = None;
        loop {
            let found = jobs.take(&mut taken, MOST_IN_A_BATCH, patience);
            if found == Taken::Ended || found == Taken::Nothing && !closing.is_empty() {
                break;
            }
            for closed in self.work_off(&answering, taken.drain(..)) {
                jobs.close();
                closing.push(closed);
            }
            let is_idle = found == Taken::Nothing;
            let has_failed = !self.project_some(is_idle);
            self.cache.age();
            patience = match self.tail.is_empty() {
                _ if !closing.is_empty() => Some(Duration::ZERO),
                true => None,
                false if has_failed => Some(RETRY),
                false if is_idle => Some(Duration::ZERO),
                false => Some(IDLE),
            };
        }
        if let Err(fault) = self.project_all() {
            tracing::warn!(%fault, "the next start brings the tables up to date");
        }
        drop(self);
        answering.end();
        closing.into_iter().for_each(|closed| _ = closed.send(()));
    }

    /// Does what was asked, postings that stand side by side together. Answers with who wants the end.
    fn work_off(&mut self, answering: &Answering, jobs: impl Iterator<Item = Job>) -> Vec<oneshot::Sender<()>> {
        let (mut closing, mut batch) = (Vec::new(), Vec::new());
        for job in jobs {
            match job {
                Job::Post(waiting) if waiting.posting.command.stands_alone() => {
                    self.post(answering, std::mem::take(&mut batch));
                    self.post(answering, vec![waiting]);
                }
                Job::Post(waiting) => batch.push(waiting),
                Job::Write(write) => {
                    self.post(answering, std::mem::take(&mut batch));
                    write(self);
                }
                Job::Project(wallet, done) => self.project_for(wallet, done),
                Job::Close(closed) => closing.push(closed),
            }
        }
        self.post(answering, batch);
        closing
    }

    /// Writes a batch and answers everybody in it.
    fn post(&mut self, answering: &Answering, batch: Vec<Waiting>) {
        if batch.is_empty() {
            return;
        }
        match self.settle_doubt().and_then(|()| self.try_post(&batch)) {
            Ok(answers) => answering.answer(batch, answers),
            Err(fault) => {
                tracing::error!(%fault, postings = batch.len(), "a batch was not written");
                self.is_in_doubt = true;
                batch.into_iter().for_each(|waiting| waiting.answer(Err(PostError::Fault(fault.clone()))));
            }
        }
    }

    fn try_post(&mut self, batch: &[Waiting]) -> Result<Vec<Answer>, Fault> {
        let postings: Vec<&Posting> = batch.iter().map(|waiting| &*waiting.posting).collect();
        let behind = must_be_in_tables(&mut self.cache, &postings);
        let known = match behind.is_empty() {
            // Everything that is asked is in memory.
            true => Known::default(),
            false => {
                self.project_wallets(behind)?;
                load::load(&mut self.connection, &mut self.cache, &self.refused, &postings)?
            }
        };
        let decided = decide(&mut self.cache.young, known, &postings);
        let touched = || postings.iter().flat_map(|posting| posting.wallets());
        let written = match decided.drafts.is_empty() {
            true => Ok(()),
            false => self.append(body(&decided.drafts, &self.cache.young, &postings, &decided.answers)),
        };
        match &written {
            Ok(()) => self.cache.forget_fates(touched()),
            Err(_) => self.cache.forget(touched()),
        }
        written.map(|()| decided.answers)
    }

    /// The moment from which a batch counts.
    fn append(&mut self, body: Vec<u8>) -> Result<(), Fault> {
        let number = self.number + 1;
        in_transaction(&mut self.connection, log::DOING, |connection| log::append(connection, number, &body))?;
        self.number = number;
        self.tail.push(number, &body, |_| false)?;
        self.is_behind.store(true, Ordering::SeqCst);
        Ok(())
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
    pub(super) fn settle_doubt(&mut self) -> Result<(), Fault> {
        if !self.is_in_doubt {
            return Ok(());
        }
        self.cache.clear();
        self.connection = super::open_writer(&self.path)?;
        super::checkpoint(&self.connection)?;
        self.read_log()?;
        self.is_in_doubt = false;
        Ok(())
    }
}
