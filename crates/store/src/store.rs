//! The open store.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use ledger::Outcome;
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::sync::{mpsc, oneshot};

use crate::batch::{Waiting, said};
use crate::queue::{Queue, queue};
use crate::session::Session;
use crate::sqlite::{self, Ahead, Job};
use crate::{Claim, Database, Fault, LONGEST_QUEUE, PATIENCE, PostError, Posting, Reader, Tx, postgres};

/// An open database. Clones share it.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    reader: Reader,
    claim: Option<Arc<Claim>>,
    gives_numbers: bool,
}

#[derive(Clone)]
enum Engine {
    Sqlite(Queue<Job>),
    Postgres(Arc<postgres::Node>),
}

/// How long a full queue may take to make room for the end.
const CLOSING: Duration = Duration::from_secs(600);

impl Store {
    /// Opens the database and brings it up to date.
    ///
    /// # Errors
    /// [`Fault::Newer`] when a newer program migrated it, [`Fault::InUse`] when another process writes
    /// the same SQLite file.
    pub async fn open(database: &Database) -> Result<Self, Fault> {
        match database {
            Database::Sqlite(path) => {
                let ((jobs, taker), is_behind) = (queue(LONGEST_QUEUE), Arc::default());
                let (their_path, theirs) = (path.clone(), Arc::clone(&is_behind));
                let started = tokio::task::spawn_blocking(move || sqlite::start(&their_path, taker, theirs)).await;
                started.map_err(|error| Fault::unavailable("opening the database", error))??;
                let reader = Reader::beside_sqlite(path, Ahead::new(jobs.clone(), is_behind));
                Ok(Self { engine: Engine::Sqlite(jobs), reader, claim: None, gives_numbers: false })
            }
            Database::Postgres(url) => {
                let node = Arc::new(postgres::Node::start(url).await?);
                let reader = Reader::beside_postgres(Arc::clone(node.readers()));
                Ok(Self { engine: Engine::Postgres(node), reader, claim: None, gives_numbers: false })
            }
        }
    }

    /// Asks the books for a change and waits until it is committed.
    ///
    /// When the caller goes before the answer, the change is made all the same.
    pub async fn post(&self, posting: Posting) -> Result<Outcome, PostError> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { posting: Box::new(posting), answer };
        match &self.engine {
            Engine::Sqlite(jobs) => jobs.put(Job::Post(waiting), PATIENCE).await?,
            Engine::Postgres(node) => enqueue(node.orders(), postgres::Order::Post(waiting), PATIENCE).await?,
        }
        answered.await.unwrap_or(Err(PostError::Fault(Fault::Closed)))
    }

    /// The same store, whose transactions are all one change with a caller's key: [`Fault::Claimed`] when another
    /// request made it. Postings have keys of their own.
    pub fn claiming(&self, claim: Claim) -> Self {
        Self { claim: Some(Arc::new(claim)), ..self.clone() }
    }

    /// The same store, for transactions that issue invoices or credit notes: one after the other, on all nodes. Others
    /// may issue them too; where many do it at once, they would be in each other's way.
    pub fn giving_numbers(&self) -> Self {
        Self { gives_numbers: true, ..self.clone() }
    }

    /// Runs an ordinary transaction: committed when `work` succeeds, rolled back when it does not.
    ///
    /// `work` may run more than once, when PostgreSQL asks for it. It must wait for nothing but `tx`.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (claim, gives_numbers) = (self.claim.clone(), self.gives_numbers);
        let work = async move |tx: &mut Tx<'_>| {
            if gives_numbers {
                tx.lock_invoice_numbers().await?;
            }
            if let Some(claim) = &claim {
                tx.claim(claim).await?;
            }
            work(tx).await
        };
        match &self.engine {
            Engine::Sqlite(jobs) => {
                let (answer, answered) = oneshot::channel();
                let job = Job::Write(Box::new(move |writer| {
                    // Whoever asked may have gone; what was committed stays.
                    let _ = answer.send(writer.transact(|session| run_at_once(session, &work)));
                }));
                jobs.put(job, PATIENCE).await?;
                answered.await.unwrap_or_else(|_| Err(Fault::Closed.into()))
            }
            Engine::Postgres(node) => node.write(work).await,
        }
    }

    /// Everything that only reads.
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Finishes what was queued and lets go of the database. Later calls answer [`Fault::Closed`].
    pub async fn close(self) {
        match &self.engine {
            Engine::Sqlite(jobs) => {
                let (closed, done) = oneshot::channel();
                if jobs.put(Job::Close(closed), CLOSING).await.is_ok() {
                    // An error means that the thread has ended already.
                    let _ = done.await;
                }
            }
            Engine::Postgres(node) => node.close().await,
        }
    }
}

/// Queues work. A full queue holds its callers back; one that stays full sends them away.
async fn enqueue<T>(queue: &mpsc::Sender<T>, work: T, patience: Duration) -> Result<(), Fault> {
    queue.send_timeout(work, patience).await.map_err(|error| match error {
        SendTimeoutError::Timeout(_) => Fault::Busy { doing: "queueing a change" },
        SendTimeoutError::Closed(_) => Fault::Closed,
    })
}

/// Runs a transaction's work on the writer thread, where nothing may be waited for.
fn run_at_once<T, E: From<Fault>>(
    session: Session<'_>,
    work: &impl AsyncFn(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let mut tx = Tx { session };
    let done = catch_unwind(AssertUnwindSafe(|| work(&mut tx).now_or_never()));
    match done {
        Ok(Some(done)) => done,
        Ok(None) => Err(Fault::Bug { what: "it waited for something else than the database".to_owned() }.into()),
        Err(panic) => Err(Fault::Bug { what: said(panic.as_ref()) }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_queue_that_stays_full_sends_its_callers_away() {
        let (queue, mut taker) = mpsc::channel(1);
        let patience = Duration::from_millis(20);
        assert_eq!(enqueue(&queue, 1, patience).await, Ok(()));
        assert_eq!(enqueue(&queue, 2, patience).await, Err(Fault::Busy { doing: "queueing a change" }));
        assert_eq!(taker.recv().await, Some(1));
        assert_eq!(enqueue(&queue, 3, patience).await, Ok(()));
        drop(taker);
        assert_eq!(enqueue(&queue, 4, patience).await, Err(Fault::Closed));
    }
}
