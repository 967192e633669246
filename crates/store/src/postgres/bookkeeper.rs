//! The task that writes the books of one node: it takes whatever arrived during the last batch, locks the fence of
//! the log and reads what other nodes appended, decides, appends, commits and answers, in two round trips.
//!
//! Behind the fence a node knows everything that was ever acknowledged, so any number of nodes may write the same
//! wallets. The tables follow, see [`super::projector`].

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join3, ready};
use ledger::Command;
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error};
use uuid::Uuid;

use super::batches::{self, BatchId};
use super::connect::Address;
use super::load::{self, Failure, LogRead};
use super::memory::Memory;
use super::projector::Projector;
use super::statements::{Asking, BEGIN, SETTINGS};
use super::{Order, asks_again, fault};
use crate::batch::{Answer, Decided, Known, Waiting, decide, must_be_in_tables};
use crate::log::body;
use crate::{Fault, MOST_IN_A_BATCH, PostError, Posting};

/// How often a batch is tried before its callers hear of it, and how long between two tries.
const ATTEMPTS: u32 = 6;
const PAUSE: Duration = Duration::from_millis(50);

/// How long a server may take for one round trip before its connection is given up.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// How many of its own committed batches a connection leaves in the table before it prunes them.
const PRUNE_EVERY: i64 = 256;

/// From how many bytes of the log on that wait for the projector the bookkeeper goes slower, and at how many it waits.
const MUCH_WAITING: usize = 16 << 20;
const MOST_WAITING: usize = 32 << 20;

/// How long the bookkeeper rests after a batch for each MiB that is too much, and at most.
const REST_FOR_MORE: Duration = Duration::from_micros(750);
const LONGEST_REST: Duration = Duration::from_millis(12);

pub(super) struct Bookkeeper {
    address: Address,
    projector: Arc<Projector>,
    desk: Option<Desk>,
}

/// A connection with everything prepared.
struct Desk {
    client: Client,
    statements: Asking,
    node: Uuid,
    number: i64,
    memory: Memory,
    /// Whether the server left something unanswered for too long.
    is_silent: bool,
    /// What the transaction of the next batch read behind the fence, when it has it already.
    turn: Option<LogRead>,
}

/// Why a batch has no answers.
enum Trouble {
    /// It was not committed, and would not be.
    Failed(Fault),
    /// It was not committed, and can be tried again; on a new connection when the old one is gone.
    Again(Fault),
    /// The tables must catch up first, while nobody can append.
    Behind,
    /// Nobody heard whether it was committed.
    Unknown(BatchId, Vec<Answer>),
}

impl Bookkeeper {
    pub(super) fn new(address: Address, projector: Arc<Projector>) -> Self {
        Self { address, projector, desk: None }
    }

    /// Works until the node is closed or nobody can send any more.
    pub(super) async fn work(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut closing: Vec<oneshot::Sender<()>> = Vec::new();
        let mut taken = Vec::new();
        while !taken.is_empty() || orders.recv_many(&mut taken, MOST_IN_A_BATCH).await > 0 {
            take_ready(&mut orders, &mut taken, |_| true);
            // Whatever arrived meanwhile shares the turn. A wallet that is not in memory may have been made after the turn
            // began to read: it waits for the next one, and who came after it as well.
            let stranger = match self.wait_for_turn().await {
                true => take_ready(&mut orders, &mut taken, |order| self.knows(order)),
                false => None,
            };
            let mut batch = Vec::new();
            for order in taken.drain(..) {
                match order {
                    Order::Post(waiting) if waiting.posting.command.stands_alone() => {
                        self.post(std::mem::take(&mut batch)).await;
                        self.post(vec![waiting]).await;
                    }
                    Order::Post(waiting) => batch.push(waiting),
                    Order::Close(closed) => {
                        orders.close();
                        closing.push(closed);
                    }
                }
            }
            self.post(batch).await;
            // A connection that has the fence for nothing is given up, and the fence with it.
            self.desk.take_if(|desk| desk.turn.is_some());
            self.prune().await;
            self.wait_for_projector().await;
            taken.extend(stranger);
        }
        drop(self);
        closing.into_iter().for_each(|closed| _ = closed.send(()));
    }

    /// Where nodes take turns, waits for this one's before the batch is closed, and reads the log in the same round trip.
    /// Answers whether it is there.
    async fn wait_for_turn(&mut self) -> bool {
        let Some(desk) = self.desk.as_mut().filter(|desk| desk.memory.takes_turns()) else { return false };
        let begun = load::begin(&desk.client, &desk.statements, desk.memory.seen);
        desk.turn = tokio::time::timeout(PATIENCE, begun).await.ok().and_then(Result::ok);
        if desk.turn.is_none() {
            // The batch begins again, on a new connection.
            self.desk = None;
        }
        self.desk.is_some()
    }

    /// Whether everything that an order is about was there before the turn began.
    fn knows(&self, order: &Order) -> bool {
        let knows = |id| self.desk.as_ref().is_some_and(|desk| desk.memory.cache.has(id));
        match order {
            Order::Post(waiting) => waiting.posting.wallets().all(knows),
            Order::Close(_) => true,
        }
    }

    /// Writes a batch and answers everybody in it.
    async fn post(&mut self, batch: Vec<Waiting>) {
        if batch.is_empty() {
            return;
        }
        match self.write(&batch).await {
            Ok(answers) => batch.into_iter().zip(answers).for_each(|(waiting, answer)| waiting.answer(answer)),
            Err(fault) => {
                tracing::error!(%fault, postings = batch.len(), "a batch was not written");
                batch.into_iter().for_each(|waiting| waiting.answer(Err(PostError::Fault(fault.clone()))));
            }
        }
        self.projector.ring();
    }

    /// Tries until the batch is committed, or cannot be.
    async fn write(&mut self, batch: &[Waiting]) -> Result<Vec<Answer>, Fault> {
        let postings: Vec<&Posting> = batch.iter().map(|waiting| &*waiting.posting).collect();
        let (mut last, mut is_behind) = (Fault::Closed, false);
        for attempt in 0..ATTEMPTS {
            match self.attempt(&postings, is_behind).await {
                Ok(answers) => return Ok(answers),
                Err(Trouble::Behind) => {
                    is_behind = true;
                    continue;
                }
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

    async fn attempt(&mut self, postings: &[&Posting], is_behind: bool) -> Result<Vec<Answer>, Trouble> {
        let projector = Arc::clone(&self.projector);
        let mut desk = match self.desk.take().filter(|desk| !desk.client.is_closed()) {
            Some(desk) => desk,
            None => open_in_time(&self.address).await.map_err(|fault| match fault.is_retryable() {
                true => Trouble::Again(fault),
                false => Trouble::Failed(fault),
            })?,
        };
        let done = desk.attempt(postings, &projector, is_behind).await;
        // A connection on which something stayed unanswered is not used again.
        if !matches!(done, Err(Trouble::Unknown(..))) {
            self.desk = Some(desk).filter(|desk| !desk.client.is_closed() && !desk.is_silent);
        }
        done
    }

    /// Lets the tables come nearer when they are far behind, since everything that waits is in memory somewhere. The
    /// farther they are, the longer the rest, so that both go on side by side and no caller waits for seconds.
    async fn wait_for_projector(&mut self) {
        let Some(desk) = &self.desk else { return };
        let rest = REST_FOR_MORE * (desk.memory.waiting().saturating_sub(MUCH_WAITING) >> 20) as u32;
        if !rest.is_zero() {
            tokio::time::sleep(rest.min(LONGEST_REST)).await;
        }
        if let Some(number) = desk.memory.too_far_behind(MOST_WAITING)
            && let Err(fault) = self.projector.catch_up(number).await
        {
            tracing::error!(%fault, "the tables stay behind the log");
        }
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

/// Takes what has arrived, up to the first order that is not welcome, and answers that one.
fn take_ready(
    orders: &mut mpsc::Receiver<Order>,
    taken: &mut Vec<Order>,
    is_welcome: impl Fn(&Order) -> bool,
) -> Option<Order> {
    while taken.len() < MOST_IN_A_BATCH {
        match orders.try_recv() {
            Ok(order) if is_welcome(&order) => taken.push(order),
            other => return other.ok(),
        }
    }
    None
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
        let statements = Asking::prepare(&client).await.map_err(|error| fault(doing, &error))?;
        let node = batches::new_node(&client).await?;
        batches::prune(&client).await?;
        let projected = client.query_one(&statements.projected, &[]).await.and_then(|row| row.try_get(0));
        let memory = Memory::new(projected.map_err(|error| fault(doing, &error))?);
        Ok(Self { client, statements, node, number: 0, memory, is_silent: false, turn: None })
    }

    async fn attempt(
        &mut self,
        postings: &[&Posting],
        projector: &Projector,
        is_behind: bool,
    ) -> Result<Vec<Answer>, Trouble> {
        let touched = || postings.iter().flat_map(|posting| posting.wallets());
        let asked = must_be_in_tables(&mut self.memory.cache, postings);
        let is_behind = is_behind || self.memory.is_behind(&asked);
        let done = self.decide_and_commit(postings, is_behind.then_some(projector)).await;
        if !matches!(done, Ok(_) | Err(Trouble::Behind)) {
            self.memory.cache.forget(touched());
        }
        self.memory.rest(touched());
        done
    }

    async fn decide_and_commit(
        &mut self,
        postings: &[&Posting],
        behind: Option<&Projector>,
    ) -> Result<Vec<Answer>, Trouble> {
        let known = self.load(postings, behind).await?;
        let Decided { answers, drafts } = decide(self.memory.wallets(), known, postings);
        if drafts.is_empty() {
            return match tokio::time::timeout(PATIENCE, self.client.batch_execute("ROLLBACK")).await {
                Ok(ended) => ended.map(|()| answers).map_err(|error| self.not_committed(&error)),
                Err(_) => Err(self.fell_silent()),
            };
        }
        let body = body(&drafts, self.memory.wallets(), postings, &answers);
        self.number += 1;
        let batch = BatchId { node: self.node, number: self.number };
        let number = self.memory.seen + 1;
        // A hold that a crash loses dies with its request, and settling it then still charges once, by its
        // id. So holds alone do not wait for the disk.
        let commit = match postings.iter().all(|posting| matches!(posting.command, Command::Place(_))) {
            true => "SET LOCAL synchronous_commit = off; COMMIT",
            false => "COMMIT",
        };
        let committing = self.append_and_commit(batch, number, &body, commit);
        match tokio::time::timeout(PATIENCE, committing).await {
            Ok(Ok(())) => {
                self.memory.note(number, &body).map_err(Trouble::Failed)?;
                Ok(answers)
            }
            // The server answered, so it also answered the COMMIT behind: with a rollback.
            Ok(Err(error)) if super::is_an_answer(&error) => Err(self.not_committed(&error)),
            Ok(Err(_)) | Err(_) => Err(Trouble::Unknown(batch, answers)),
        }
    }

    async fn append_and_commit(&self, batch: BatchId, number: i64, body: &[u8], commit: &str) -> Result<(), Error> {
        let (name, row): ([&(dyn ToSql + Sync); 2], [&(dyn ToSql + Sync); 2]) =
            ([&batch.node, &batch.number], [&number, &body]);
        let happened = self.client.execute(&self.statements.happened, &name);
        let appended = self.client.execute(&self.statements.append, &row);
        let (happened, appended, committed) = join3(happened, appended, self.client.batch_execute(commit)).await;
        happened.and(appended)?;
        committed
    }

    async fn load(&mut self, postings: &[&Posting], behind: Option<&Projector>) -> Result<Known, Trouble> {
        let turn = self.turn.take();
        let loading = async {
            let Self { client, statements, memory, .. } = self;
            let seen = memory.seen;
            let log: BoxFuture<'_, Result<LogRead, Error>> = match (behind, turn) {
                (Some(projector), turn) => {
                    // What was read already does not see what the projector writes now.
                    if turn.is_some() {
                        client.batch_execute("ROLLBACK").await?;
                    }
                    client.batch_execute(BEGIN).await?;
                    projector.catch_up(i64::MAX).await?;
                    load::read_log(client, statements, seen).boxed()
                }
                (None, Some(log)) => ready(Ok(log)).boxed(),
                (None, None) => load::begin(client, statements, seen).boxed(),
            };
            load::load(client, statements, memory, postings, log).await
        };
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
            Failure::Behind => Trouble::Behind,
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
