//! Brings the tables up to what the log says: in the background, and at once for whoever is about to read.
//!
//! Any process may do it, one at a time. A projection's commit does not wait for the disk: what it writes stands
//! in the log, which did, and the same commit removes it there.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error};
use units::WalletId;

use super::bookkeeper::PATIENCE;
use super::connect::Address;
use super::fault;
use super::save::save;
use super::statements::{SETTINGS, Writing};
use crate::Fault;
use crate::log::{Page, Slice, Tail};
use crate::rows::Rows;

/// The way to the tables. One for each process.
pub(crate) struct Projector {
    address: Address,
    desk: Mutex<Option<Desk>>,
    /// Rung when something was appended.
    bell: Notify,
}

/// A connection with everything prepared.
struct Desk {
    client: Client,
    statements: Writing,
    /// Batches that were removed from the log since room was given back.
    removed: i64,
}

/// What one transaction brought into the tables.
#[derive(Clone, Copy)]
struct Projected {
    /// The last batch that they have now.
    last: i64,
    /// How many batches came.
    count: i64,
}

/// How long what was appended waits for more, so that more is netted.
const PAUSE: Duration = Duration::from_millis(200);

/// So many batches at once say that as many have come meanwhile, and that nothing is won by waiting for more.
const MANY: i64 = 64;

/// How often a projection is tried again when its connection fails.
const ATTEMPTS: u32 = 4;

/// How many batches are projected at once.
const AT_ONCE: i64 = 512;

/// How many batches stay in the log behind the tables, for nodes that have not read them. A node that misses one
/// forgets what it remembers.
const KEPT: i64 = 256;

/// After how many batches the room is given back that they took in the log, and that closed holds took in their table.
const TIDY_EVERY: i64 = 512;

/// Rows of these come and go faster than the server looks by itself. What stays of a closed hold is passed over by
/// whoever reads the open ones of its wallet. The files keep their length: to cut one off, the server waits up to five
/// seconds for everybody who has read it. What another node is tidying is left to it.
const TIDY: &str = "VACUUM (TRUNCATE false, SKIP_LOCKED) log, open_holds";

/// One projects at a time. The limit is above that of idle transactions, with which the server ends most of what hangs.
const BEGIN: &str = "BEGIN; SET LOCAL synchronous_commit = off; SET LOCAL lock_timeout = '12s'; \
    SELECT pg_advisory_xact_lock(7498259404)";

/// A server that waits for the rest of a stream waits for ever: neither a limit of statements nor one of idle
/// transactions ends that. So a node that hangs in the middle of one is ended by whoever waits for it. A stream that
/// goes on takes a fraction of a second.
const END_WHOEVER_HANGS: &str = "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid) \
    WHERE locktype = 'advisory' AND granted AND (classid::bigint << 32) + objid::bigint = 7498259404 \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
    AND query LIKE 'COPY %' AND wait_event = 'ClientRead' AND query_start < clock_timestamp() - interval '10s'";

const DOING: &str = "writing the books";

impl Projector {
    pub(super) fn new(address: Address) -> Arc<Self> {
        Arc::new(Self { address, desk: Mutex::new(None), bell: Notify::new() })
    }

    /// Something was appended.
    pub(super) fn ring(&self) {
        self.bell.notify_one();
    }

    /// Projects what is appended, for ever.
    pub(super) async fn work(self: Arc<Self>) {
        let mut pause = PAUSE;
        loop {
            self.bell.notified().await;
            tokio::time::sleep(pause).await;
            pause = match self.catch_up(i64::MAX).await {
                Ok(batches) if batches >= MANY => Duration::ZERO,
                Ok(_) => PAUSE,
                Err(fault) => {
                    tracing::error!(%fault, "the tables stay behind the log");
                    self.ring();
                    PAUSE * 2
                }
            };
            self.tidy().await;
        }
    }

    /// Projects until the tables have everything up to a batch, or all that was appended when it began. Answers how many
    /// batches that took.
    pub(super) async fn catch_up(&self, through: i64) -> Result<i64, Fault> {
        let mut place = self.desk.lock().await;
        let (mut attempts, mut batches) = (0, 0);
        loop {
            let silent = |_| Err(Fault::unavailable(DOING, "the server does not answer"));
            match tokio::time::timeout(PATIENCE, self.project(&mut place)).await.unwrap_or_else(silent) {
                Ok(projected) => {
                    batches += projected.count;
                    if projected.count < AT_ONCE || projected.last >= through {
                        return Ok(batches);
                    }
                }
                // Whatever failed was rolled back, and a new connection finds out how far the tables are.
                Err(fault) if fault.is_retryable() && attempts < ATTEMPTS => attempts += 1,
                Err(fault) => return Err(fault),
            }
        }
    }

    async fn project(&self, place: &mut Option<Desk>) -> Result<Projected, Fault> {
        let mut desk = match place.take().filter(|desk| !desk.client.is_closed()) {
            Some(desk) => desk,
            None => Desk::open(&self.address).await?,
        };
        // A connection that failed can have a transaction open: it is not put back.
        let projected = desk.project().await?;
        *place = Some(desk);
        Ok(projected)
    }

    /// Gives back the room of rows that are gone, on a connection of its own: nobody who waits for the tables waits for
    /// this.
    async fn tidy(&self) {
        let is_time = |desk: &mut Desk| desk.removed >= TIDY_EVERY && std::mem::take(&mut desk.removed) > 0;
        if !self.desk.lock().await.as_mut().is_some_and(is_time) {
            return;
        }
        let tidied = match self.address.connect().await {
            Ok(client) => client.batch_execute(TIDY).await.map_err(|error| fault("tidying", &error)),
            Err(fault) => Err(fault),
        };
        if let Err(fault) = tidied {
            tracing::debug!(%fault, "room was not given back");
        }
    }
}

impl Desk {
    async fn open(address: &Address) -> Result<Self, Fault> {
        let doing = "preparing the projector";
        let client = address.connect().await?;
        client.batch_execute(SETTINGS).await.map_err(|error| fault(doing, &error))?;
        let statements = Writing::prepare(&client).await.map_err(|error| fault(doing, &error))?;
        Ok(Self { client, statements, removed: 0 })
    }

    /// Projects the oldest batches in one transaction.
    async fn project(&mut self) -> Result<Projected, Fault> {
        let failed = |error: Error| fault(DOING, &error);
        if let Err(error) = self.client.batch_execute(BEGIN).await {
            if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) {
                self.end_whoever_hangs().await;
            }
            return Err(failed(error));
        }
        let (tail, projected) = self.read().await?;
        if projected.count == 0 {
            return self.end("ROLLBACK", projected).await;
        }
        match self.write(&tail.into_slices(), projected.last).await {
            Err(Fault::Rejected { .. } | Fault::Corrupt { .. }) => {
                self.client.batch_execute("ROLLBACK").await.map_err(failed)?;
                self.client.batch_execute(BEGIN).await.map_err(failed)?;
                // Another process may have been faster meanwhile.
                let (tail, projected) = self.read().await?;
                self.write_one_by_one(&tail.into_slices(), projected.last).await?;
                self.end("COMMIT", projected).await
            }
            written => {
                written?;
                self.end("COMMIT", projected).await
            }
        }
    }

    /// Ends a session that has the lock of the projection and waits for a client that says nothing any more.
    async fn end_whoever_hangs(&self) {
        let ended = async {
            self.client.batch_execute("ROLLBACK").await?;
            self.client.query(END_WHOEVER_HANGS, &[]).await
        };
        match ended.await {
            Ok(ended) if ended.is_empty() => {}
            Ok(_) => tracing::warn!("a node hung while it wrote the tables: its session was ended"),
            Err(error) => tracing::warn!(%error, "whoever hangs was not ended"),
        }
    }

    async fn end(&mut self, how: &str, projected: Projected) -> Result<Projected, Fault> {
        self.client.batch_execute(how).await.map_err(|error| fault(DOING, &error))?;
        self.removed += projected.count;
        Ok(projected)
    }

    /// The oldest batches that are not in the tables, and which those are.
    async fn read(&self) -> Result<(Tail, Projected), Fault> {
        let failed = |error: Error| fault("reading the log", &error);
        let found = self.client.query_one(&self.statements.projected, &[]).await.map_err(failed)?;
        let mut projected = Projected { last: found.try_get(0).map_err(failed)?, count: 0 };
        let rows = self.client.query(&self.statements.oldest, &[&projected.last, &AT_ONCE]).await.map_err(failed)?;
        let mut tail = Tail::default();
        for row in &rows {
            let (number, body): (i64, &[u8]) = (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
            tail.push(number, body, |_| false)?;
            projected = Projected { last: number, count: projected.count + 1 };
        }
        Ok((tail, projected))
    }

    async fn write(&self, slices: &[Slice], last: i64) -> Result<(), Fault> {
        let refused = self.list_refused().await?;
        if slices.iter().any(|slice| refused.contains(&slice.wallet)) {
            return Err(Fault::corrupt("a wallet that is stopped has more pages"));
        }
        let pages = slices.iter().map(Slice::fold).collect::<Result<Vec<Page>, Fault>>()?;
        let rows = Rows::lay_out(&pages);
        save(&self.client, &self.statements, &rows).await.map_err(|error| fault(DOING, &error))?;
        self.mark(last).await
    }

    async fn mark(&self, last: i64) -> Result<(), Fault> {
        let (last, old): ([&(dyn ToSql + Sync); 1], [&(dyn ToSql + Sync); 1]) = ([&last], [&(last - KEPT)]);
        let mark = self.client.execute(&self.statements.mark, &last);
        let forget = self.client.execute(&self.statements.forget, &old);
        let done = futures_util::future::try_join(mark, forget).await;
        done.map(drop).map_err(|error| fault(DOING, &error))
    }

    /// After the tables refused a page: a wallet that they refuse is stopped alone, and its pages are put aside.
    async fn write_one_by_one(&self, slices: &[Slice], last: i64) -> Result<(), Fault> {
        let failed = |error: Error| fault(DOING, &error);
        let refused = self.list_refused().await?;
        for slice in slices {
            self.client.batch_execute("SAVEPOINT wallet").await.map_err(failed)?;
            let saved = match refused.contains(&slice.wallet) {
                true => Err(Fault::corrupt("the wallet is stopped")),
                false => self.save_one(slice).await,
            };
            match saved {
                Ok(()) => self.client.batch_execute("RELEASE wallet").await.map_err(failed)?,
                Err(fault @ (Fault::Rejected { .. } | Fault::Corrupt { .. })) => {
                    tracing::error!(wallet = %slice.wallet, %fault, "a wallet is stopped");
                    self.client.batch_execute("ROLLBACK TO wallet").await.map_err(failed)?;
                    self.put_aside(slice).await.map_err(failed)?;
                }
                Err(fault) => return Err(fault),
            }
        }
        self.mark(last).await
    }

    async fn save_one(&self, slice: &Slice) -> Result<(), Fault> {
        let pages = [slice.fold()?];
        let saved = save(&self.client, &self.statements, &Rows::lay_out(&pages)).await;
        saved.map_err(|error| fault(DOING, &error))
    }

    async fn put_aside(&self, slice: &Slice) -> Result<(), Error> {
        for (number, body) in slice.pages() {
            let page: [&(dyn ToSql + Sync); 3] = [&slice.wallet.uuid(), &number, &body];
            self.client.execute(&self.statements.put_aside, &page).await?;
        }
        Ok(())
    }

    async fn list_refused(&self) -> Result<Vec<WalletId>, Fault> {
        let rows = self.client.query(&self.statements.refused, &[]).await;
        let ids = rows.and_then(|rows| rows.iter().map(|row| row.try_get(0).map(WalletId::from_uuid)).collect());
        ids.map_err(|error| fault("reading the log", &error))
    }
}
