//! Brings the tables up to what the log says: in the background, and at once for whoever is about to read.
//!
//! Any process may do it, one at a time. A projection's commit does not wait for the disk: what it writes stands
//! in the log, which did, and the same commit removes it there.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Mutex, Notify};
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
    removed: usize,
}

/// How long what was appended waits for more, so that more is netted.
const PAUSE: Duration = Duration::from_millis(200);

/// How often a projection is tried again when its connection fails.
const ATTEMPTS: u32 = 4;

/// How many batches are projected at once.
const AT_ONCE: i64 = 256;

/// How many batches stay in the log behind the tables, for nodes that have not read them. A node that misses one
/// forgets what it remembers.
const KEPT: i64 = 256;

/// After how many batches the room is given back that they took in the log, and that closed holds took in their table.
const TIDY_EVERY: usize = 512;

/// Rows of these come and go faster than the server looks by itself. What stays of a closed hold is passed over by
/// whoever reads the open ones of its wallet.
const TIDYING: [&str; 2] = ["VACUUM log", "VACUUM (TRUNCATE false) open_holds"];

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
        loop {
            self.bell.notified().await;
            tokio::time::sleep(PAUSE).await;
            if let Err(fault) = self.catch_up(i64::MAX).await {
                tracing::error!(%fault, "the tables stay behind the log");
                tokio::time::sleep(PAUSE).await;
                self.ring();
            }
        }
    }

    /// Projects until the tables have everything up to a batch, or all that there is.
    pub(super) async fn catch_up(&self, through: i64) -> Result<(), Fault> {
        let mut place = self.desk.lock().await;
        let mut attempts = 0;
        loop {
            let silent = |_| Err(Fault::unavailable(DOING, "the server does not answer"));
            match tokio::time::timeout(PATIENCE, self.project(&mut place)).await.unwrap_or_else(silent) {
                Ok(Some(last)) if last < through => {}
                Ok(_) => return Ok(()),
                // Whatever failed was rolled back, and a new connection finds out how far the tables are.
                Err(fault) if fault.is_retryable() && attempts < ATTEMPTS => attempts += 1,
                Err(fault) => return Err(fault),
            }
        }
    }

    async fn project(&self, place: &mut Option<Desk>) -> Result<Option<i64>, Fault> {
        let mut desk = match place.take().filter(|desk| !desk.client.is_closed()) {
            Some(desk) => desk,
            None => Desk::open(&self.address).await?,
        };
        // A connection that failed can have a transaction open: it is not put back.
        let last = desk.project().await?;
        desk.tidy().await;
        *place = Some(desk);
        Ok(last)
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

    /// Projects the oldest batches in one transaction. Answers the last of them; nothing when there was none.
    async fn project(&mut self) -> Result<Option<i64>, Fault> {
        let failed = |error: Error| fault(DOING, &error);
        let begin = "BEGIN; SET LOCAL synchronous_commit = off; SELECT pg_advisory_xact_lock(7498259404)";
        self.client.batch_execute(begin).await.map_err(failed)?;
        let (mut tail, last) = self.read().await?;
        let Some(last) = last else {
            self.client.batch_execute("ROLLBACK").await.map_err(failed)?;
            return Ok(None);
        };
        let slices = tail.sweep(usize::MAX);
        match self.write(&slices, last).await {
            Err(Fault::Rejected { .. } | Fault::Corrupt { .. }) => {
                self.client.batch_execute("ROLLBACK").await.map_err(failed)?;
                self.client.batch_execute(begin).await.map_err(failed)?;
                // Another process may have been faster meanwhile.
                let (mut tail, last) = self.read().await?;
                let Some(last) = last else { return self.end("ROLLBACK", None).await };
                self.write_one_by_one(&tail.sweep(usize::MAX), last).await?;
                self.end("COMMIT", Some(last)).await
            }
            written => {
                written?;
                self.end("COMMIT", Some(last)).await
            }
        }
    }

    async fn end(&mut self, how: &str, last: Option<i64>) -> Result<Option<i64>, Fault> {
        let ended = self.client.batch_execute(how).await;
        ended.map(|()| last).map_err(|error| fault(DOING, &error))
    }

    /// The oldest batches that are not in the tables, and the number of the last of them.
    async fn read(&mut self) -> Result<(Tail, Option<i64>), Fault> {
        let failed = |error: Error| fault("reading the log", &error);
        let projected = self.client.query_one(&self.statements.projected, &[]).await.map_err(failed)?;
        let projected: i64 = projected.try_get(0).map_err(failed)?;
        let rows = self.client.query(&self.statements.oldest, &[&projected, &AT_ONCE]).await.map_err(failed)?;
        let (mut tail, mut last) = (Tail::default(), None);
        for row in &rows {
            let (number, body): (i64, Vec<u8>) = (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
            tail.push(number, &Bytes::from(body), |_| false)?;
            last = Some(number);
        }
        self.removed += rows.len();
        Ok((tail, last))
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
            let page: [&(dyn ToSql + Sync); 3] = [&slice.wallet.uuid(), number, &&body[..]];
            self.client.execute(&self.statements.put_aside, &page).await?;
        }
        Ok(())
    }

    async fn list_refused(&self) -> Result<Vec<WalletId>, Fault> {
        let rows = self.client.query(&self.statements.refused, &[]).await;
        let ids = rows.and_then(|rows| rows.iter().map(|row| row.try_get(0).map(WalletId::from_uuid)).collect());
        ids.map_err(|error| fault("reading the log", &error))
    }

    /// Gives back the room of rows that are gone.
    async fn tidy(&mut self) {
        if self.removed < TIDY_EVERY {
            return;
        }
        self.removed = 0;
        for tidying in TIDYING {
            if let Err(error) = self.client.batch_execute(tidying).await {
                tracing::debug!(%error, tidying, "a table was not tidied");
            }
        }
    }
}
