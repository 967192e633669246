//! One node: its queue to the bookkeeper, and ordinary transactions beside it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_postgres::types::Type;
use tokio_util::task::LocalPoolHandle;
use uuid::Uuid;

use super::batches::{self, BatchId, HAPPENED};
use super::bookkeeper::{Bookkeeper, PATIENCE};
use super::connect::Address;
use super::pool::{Lent, Pool};
use crate::batch::Waiting;
use crate::session::Session;
use crate::{Fault, LONGEST_QUEUE, Tx, migrate};

/// Work for the bookkeeper.
pub(crate) enum Order {
    /// A change of the books.
    Post(Waiting),
    /// Finish what was queued and say so.
    Close(oneshot::Sender<()>),
}

pub(crate) struct Node {
    orders: mpsc::Sender<Order>,
    writers: Arc<Writers>,
    readers: Arc<Pool>,
    projecting: tokio::task::JoinHandle<()>,
    /// Threads for transactions, whose futures stay on the thread that they began on.
    threads: LocalPoolHandle,
}

/// What ordinary transactions share.
struct Writers {
    address: Address,
    pool: Arc<Pool>,
    name: Uuid,
    number: AtomicI64,
}

const DOING: &str = "writing";
const THREADS: usize = 2;

/// How often a transaction is tried that meets others.
const ATTEMPTS: u32 = 10;

impl Node {
    /// Brings the database up to date and starts the bookkeeper.
    pub(crate) async fn start(url: &str) -> Result<Self, Fault> {
        let address = Address::parse(url)?;
        let client = address.connect().await?;
        let mut session = Session::postgres(&client, "migrating the database").without_haste();
        // Two nodes that start at once migrate one after the other. A migration takes the time it needs.
        session.run("BEGIN; SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(7498259403)").await?;
        migrate::migrate(&mut session).await?;
        session.run("COMMIT").await?;
        let name = batches::new_node(&client).await?;

        let (orders, received) = mpsc::channel(LONGEST_QUEUE);
        let readers = Arc::new(Pool::new(url)?);
        let projector = Arc::clone(readers.projector());
        tokio::spawn(Bookkeeper::new(address.clone(), Arc::clone(&projector)).work(received));
        // Somebody may have died before the tables were up to date.
        projector.ring();
        let projecting = tokio::spawn(projector.work());
        let pool = Arc::new(Pool::new(url)?);
        let writers = Arc::new(Writers { address, pool, name, number: AtomicI64::new(0) });
        Ok(Self { orders, writers, readers, projecting, threads: LocalPoolHandle::new(THREADS) })
    }

    pub(crate) const fn readers(&self) -> &Arc<Pool> {
        &self.readers
    }

    pub(crate) fn orders(&self) -> &mpsc::Sender<Order> {
        &self.orders
    }

    pub(crate) async fn close(&self) {
        self.writers.pool.close();
        let (closed, done) = oneshot::channel();
        if self.orders.send(Order::Close(closed)).await.is_ok() {
            // An error means that the task has ended already.
            let _ = done.await;
        }
        if let Err(fault) = self.readers.projector().catch_up(i64::MAX).await {
            tracing::warn!(%fault, "whoever reads next brings the tables up to date");
        }
    }

    /// Runs an ordinary transaction as if it were alone, and again when it met another one.
    pub(crate) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let writers = Arc::clone(&self.writers);
        let done = self.threads.spawn_pinned(move || async move { writers.write(work).await });
        done.await.unwrap_or_else(|error| Err(Fault::Bug { what: error.to_string() }.into()))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.projecting.abort();
    }
}

/// How one try of a transaction ended.
enum Tried<T, E> {
    Done(Result<T, E>),
    Again(Fault),
}

impl Writers {
    async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        E: From<Fault>,
        F: AsyncFn(&mut Tx<'_>) -> Result<T, E>,
    {
        let mut last = Fault::Closed;
        // Nodes that met wait differently long, or they meet again.
        let patience = 1 + self.name.as_bytes()[15] as u32 % 4;
        for attempt in 0..ATTEMPTS {
            match self.attempt(&work).await {
                Tried::Done(done) => return done,
                Tried::Again(fault) => last = fault,
            }
            tokio::time::sleep(std::time::Duration::from_millis(u64::from(attempt * attempt * patience))).await;
        }
        Err(last.into())
    }

    async fn attempt<T, E, F>(&self, work: &F) -> Tried<T, E>
    where
        E: From<Fault>,
        F: AsyncFn(&mut Tx<'_>) -> Result<T, E>,
    {
        let lent = match self.begin().await {
            Ok(lent) => lent,
            Err(fault) => return Tried::Done(Err(fault.into())),
        };
        let mut tx = Tx { session: Session::postgres(lent.get(), DOING) };
        let worked = work(&mut tx).await;
        if let Some(fault) = tx.session.must_start_again() {
            return Tried::Again(fault);
        }
        match worked {
            Ok(value) => self.commit(lent, value).await,
            Err(error) => {
                if let Ok(Ok(())) = timeout(PATIENCE, lent.get().batch_execute("ROLLBACK")).await {
                    lent.give_back();
                }
                Tried::Done(Err(error))
            }
        }
    }

    /// A connection with a transaction begun. One that went stale in the pool is replaced.
    async fn begin(&self) -> Result<Lent, Fault> {
        let begin = "BEGIN ISOLATION LEVEL SERIALIZABLE";
        let lent = self.pool.take(DOING).await?;
        if let Ok(Ok(())) = timeout(PATIENCE, lent.get().batch_execute(begin)).await {
            return Ok(lent);
        }
        drop(lent);
        let lent = self.pool.take_new(DOING).await?;
        Session::postgres(lent.get(), DOING).run(begin).await?;
        Ok(lent)
    }

    async fn commit<T, E: From<Fault>>(&self, lent: Lent, value: T) -> Tried<T, E> {
        let batch = BatchId { node: self.name, number: self.number.fetch_add(1, Ordering::Relaxed) };
        let name = [(&batch.node as _, Type::UUID), (&batch.number as _, Type::INT8)];
        let ending = async {
            lent.get().execute_typed(HAPPENED, &name).await?;
            lent.get().batch_execute("COMMIT").await
        };
        let lost = match timeout(PATIENCE, ending).await {
            Ok(Ok(())) => {
                lent.give_back();
                return Tried::Done(Ok(value));
            }
            Ok(Err(error)) if super::asks_again(&error) => return Tried::Again(super::fault(DOING, &error)),
            Ok(Err(error)) if super::is_an_answer(&error) => {
                return Tried::Done(Err(super::fault(DOING, &error).into()));
            }
            Ok(Err(error)) => super::fault(DOING, &error),
            Err(_) => Fault::unavailable(DOING, "the server does not answer"),
        };
        drop(lent);
        match batches::settle(&self.address, batch).await {
            Ok(true) => Tried::Done(Ok(value)),
            Ok(false) => Tried::Again(lost),
            Err(fault) => Tried::Done(Err(fault.into())),
        }
    }
}
