//! The task that writes the books of one node: it takes whatever arrived during the last batch, locks and
//! reads its wallets, decides, writes, commits and answers, in two round trips.
//!
//! Nothing that is remembered between batches is believed before it is compared with the locked row, so any
//! number of nodes may write the same wallets.

use std::time::Duration;

use ledger::Command;
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error};
use units::WalletId;
use uuid::Uuid;

use super::batches::{self, BatchId};
use super::connect::Address;
use super::load::{self, Failure};
use super::memory::Memory;
use super::save::save_and_commit;
use super::statements::{SETTINGS, Statements};
use super::{Order, asks_again, fault};
use crate::batch::{Answer, Decided, Known, Waiting, decide};
use crate::rows::Rows;
use crate::{Fault, MOST_IN_A_BATCH, PostError, Posting};

/// How often a batch is tried before its callers hear of it, and how long between two tries.
const ATTEMPTS: u32 = 6;
const PAUSE: Duration = Duration::from_millis(50);

/// How long a server may take for one round trip before its connection is given up.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// How many of its own committed batches a connection leaves in the table before it prunes them.
const PRUNE_EVERY: i64 = 256;

pub(super) struct Bookkeeper {
    address: Address,
    desk: Option<Desk>,
}

/// A connection with everything prepared.
struct Desk {
    client: Client,
    statements: Statements,
    node: Uuid,
    number: i64,
    memory: Memory,
    /// Whether the server left something unanswered for too long.
    is_silent: bool,
}

/// Why a batch has no answers.
enum Trouble {
    /// It was not committed, and would not be.
    Failed(Fault),
    /// It was not committed, and can be tried again; on a new connection when the old one is gone.
    Again(Fault),
    /// Nobody heard whether it was committed.
    Unknown(BatchId, Vec<Answer>),
}

impl Bookkeeper {
    pub(super) fn new(address: Address) -> Self {
        Self { address, desk: None }
    }

    /// Works until the node is closed or nobody can send any more.
    pub(super) async fn work(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut closing: Vec<oneshot::Sender<()>> = Vec::new();
        let mut taken = Vec::new();
        while orders.recv_many(&mut taken, MOST_IN_A_BATCH).await > 0 {
            let mut batch = Vec::new();
            for order in taken.drain(..) {
                match order {
                    Order::Post(waiting) if waiting.posting.command.stands_alone() => {
                        self.post(std::mem::take(&mut batch)).await;
                        self.post(vec![*waiting]).await;
                    }
                    Order::Post(waiting) => batch.push(*waiting),
                    Order::Close(closed) => {
                        orders.close();
                        closing.push(closed);
                    }
                }
            }
            self.post(batch).await;
            self.prune().await;
        }
        drop(self);
        closing.into_iter().for_each(|closed| _ = closed.send(()));
    }

    /// Writes a batch and answers everybody in it. A row that the database refuses fails its posting
    /// alone: the batch is halved until it stands by itself, in the order of arrival.
    async fn post(&mut self, batch: Vec<Waiting>) {
        let mut waiting = vec![batch];
        while let Some(mut batch) = waiting.pop() {
            if batch.is_empty() {
                continue;
            }
            match self.write(&batch).await {
                Ok(answers) => batch.into_iter().zip(answers).for_each(|(waiting, answer)| waiting.answer(answer)),
                Err(Fault::Rejected { .. }) if batch.len() > 1 => {
                    let second = batch.split_off(batch.len() / 2);
                    waiting.push(second);
                    waiting.push(batch);
                }
                Err(fault) => {
                    tracing::error!(%fault, postings = batch.len(), "a batch was not written");
                    batch.into_iter().for_each(|waiting| waiting.answer(Err(PostError::Fault(fault.clone()))));
                }
            }
        }
    }

    /// Tries until the batch is committed, or cannot be.
    async fn write(&mut self, batch: &[Waiting]) -> Result<Vec<Answer>, Fault> {
        let postings: Vec<&Posting> = batch.iter().map(|waiting| &waiting.posting).collect();
        let mut last = Fault::Closed;
        for attempt in 0..ATTEMPTS {
            match self.attempt(&postings).await {
                Ok(answers) => return Ok(answers),
                Err(Trouble::Failed(fault)) => return Err(fault),
                Err(Trouble::Again(fault)) => last = fault,
                Err(Trouble::Unknown(batch, answers)) => {
                    tracing::warn!(?batch, "the answer to a COMMIT was lost");
                    if batches::settle(&self.address, batch).await? {
                        return Ok(answers);
                    }
                }
            }
            tokio::time::sleep(PAUSE * attempt).await;
        }
        Err(last)
    }

    async fn attempt(&mut self, postings: &[&Posting]) -> Result<Vec<Answer>, Trouble> {
        let mut desk = match self.desk.take().filter(|desk| !desk.client.is_closed()) {
            Some(desk) => desk,
            None => open_in_time(&self.address).await.map_err(|fault| match fault.is_retryable() {
                true => Trouble::Again(fault),
                false => Trouble::Failed(fault),
            })?,
        };
        let done = desk.attempt(postings).await;
        // A connection on which something stayed unanswered is not used again.
        if !matches!(done, Err(Trouble::Unknown(..))) {
            self.desk = Some(desk).filter(|desk| !desk.client.is_closed() && !desk.is_silent);
        }
        done
    }

    /// Forgets batches whose answers have arrived. A failure leaves rows for the next time.
    async fn prune(&mut self) {
        let Some(desk) = &mut self.desk else { return };
        if desk.number % PRUNE_EVERY == 0 {
            let happened: [&(dyn ToSql + Sync); 2] = [&desk.node, &desk.number];
            let pruning = desk.client.execute(&desk.statements.forget_happened, &happened);
            match tokio::time::timeout(PATIENCE, pruning).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::debug!(%error, "batches were not pruned"),
                Err(_) => self.desk = None,
            }
        }
    }
}

/// A server can accept a connection and go silent while it is being prepared.
async fn open_in_time(address: &Address) -> Result<Desk, Fault> {
    let silent = |_| Fault::unavailable("preparing the bookkeeper", SILENT);
    tokio::time::timeout(PATIENCE, Desk::open(address)).await.map_err(silent)?
}

const SILENT: &str = "the server does not answer";

impl Desk {
    async fn open(address: &Address) -> Result<Self, Fault> {
        let doing = "preparing the bookkeeper";
        let client = address.connect().await?;
        client.batch_execute(SETTINGS).await.map_err(|error| fault(doing, &error))?;
        let statements = Statements::prepare(&client).await.map_err(|error| fault(doing, &error))?;
        let node = batches::new_node(&client).await?;
        batches::prune(&client).await?;
        Ok(Self { client, statements, node, number: 0, memory: Memory::default(), is_silent: false })
    }

    async fn attempt(&mut self, postings: &[&Posting]) -> Result<Vec<Answer>, Trouble> {
        let touched = || postings.iter().flat_map(|posting| posting.wallets());
        let done = self.decide_and_commit(postings).await;
        if done.is_err() {
            self.memory.forget(touched());
        }
        self.memory.rest(touched());
        done
    }

    async fn decide_and_commit(&mut self, postings: &[&Posting]) -> Result<Vec<Answer>, Trouble> {
        let known = self.load(postings).await?;
        let Decided { answers, pages } = decide(self.memory.wallets(), known, postings);
        let rows = Rows::lay_out(&pages, self.memory.wallets(), postings, &answers);
        if rows.is_empty() {
            return match tokio::time::timeout(PATIENCE, self.client.batch_execute("ROLLBACK")).await {
                Ok(ended) => ended.map(|()| answers).map_err(|error| self.not_committed(&error)),
                Err(_) => Err(self.fell_silent()),
            };
        }
        self.number += 1;
        let batch = BatchId { node: self.node, number: self.number };
        let saved = save_and_commit(&self.client, &self.statements, &rows, batch);
        match tokio::time::timeout(PATIENCE, saved).await {
            Ok(Ok(())) => {
                let changed: Vec<WalletId> = rows.changed.iter().map(|wallet| wallet.id).collect();
                self.memory.committed(changed.into_iter());
                Ok(answers)
            }
            // The server answered, so it also answered the COMMIT behind: with a rollback.
            Ok(Err(error)) if super::is_an_answer(&error) => Err(self.not_committed(&error)),
            Ok(Err(_)) | Err(_) => Err(Trouble::Unknown(batch, answers)),
        }
    }

    async fn load(&mut self, postings: &[&Posting]) -> Result<Known, Trouble> {
        // A hold that a crash loses dies with its request, and settling it then still charges once, by its
        // id. So holds alone do not wait for the disk.
        let begin = match postings.iter().all(|posting| matches!(posting.command, Command::Place(_))) {
            true => "BEGIN; SET LOCAL synchronous_commit = off",
            false => "BEGIN",
        };
        let loading = load::load(&self.client, &self.statements, &mut self.memory, begin, postings);
        match tokio::time::timeout(PATIENCE, loading).await {
            Ok(Ok(loaded)) => Ok(loaded),
            Ok(Err(failure)) => Err(self.give_up(failure).await),
            Err(_) => Err(self.fell_silent()),
        }
    }

    /// Nothing was committed, and nothing will be asked here again.
    fn fell_silent(&mut self) -> Trouble {
        self.is_silent = true;
        Trouble::Again(Fault::unavailable("reading the books", SILENT))
    }

    /// Ends a transaction that cannot be decided.
    async fn give_up(&mut self, failure: Failure) -> Trouble {
        match tokio::time::timeout(PATIENCE, self.client.batch_execute("ROLLBACK")).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a transaction ended with its connection"),
            Err(_) => self.is_silent = true,
        }
        match failure {
            Failure::Postgres(error) => self.not_committed(&error),
            Failure::Fault(fault) => Trouble::Failed(fault),
        }
    }

    fn not_committed(&self, error: &Error) -> Trouble {
        let told = fault("writing the books", error);
        match asks_again(error) || self.client.is_closed() || told.is_retryable() {
            true => Trouble::Again(told),
            false => Trouble::Failed(told),
        }
    }
}
