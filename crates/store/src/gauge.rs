//! How much a wallet used since a month of its pass was granted, and who is to look when that reaches a line.
//!
//! The projector counts with the charges that it brings into the tables ([`Taken`], one row for each wallet and page),
//! so that nobody sums up a history. What the line is for is not decided here.

use ledger::{Charge, TransferKind};
use units::{Amount, Instant, PassId, WalletId};

use crate::reader::position;
use crate::session::{Dialect, Session};
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx, books};

/// What a wallet used, as the projector counts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GaugeRow {
    /// Whose.
    pub wallet: WalletId,
    /// For which pass.
    pub pass: PassId,
    /// For which month of it.
    pub month: u32,
    /// What is used from this moment on does not count.
    pub until: Instant,
    /// Somebody is to look when so much is used.
    pub line: Amount,
    /// What was used.
    pub used: Amount,
    /// From when on somebody must look.
    pub look_at: Option<Instant>,
}

/// What the charges of one page took, in whole: the projector adds it to the gauges of the wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub wallet: WalletId,
    pub amount: Amount,
    /// The last transfer of the last charge.
    pub seq: u64,
    /// When that was.
    pub at: Instant,
}

const GAUGE: &str = "wallet, pass, month, until_at, line_nanos, used_nanos, look_at, counted_seq";

impl Taken {
    /// Of the charges of one page, in their order; nothing when they took nothing.
    pub(crate) fn of(wallet: WalletId, charges: &[Charge]) -> Option<Self> {
        let last = charges.iter().rfind(|charge| charge.debited.is_positive())?;
        let amount = charges.iter().map(|charge| charge.debited).sum();
        let seq = last.first_seq + u64::from(last.transfers) - 1;
        Some(Self { wallet, amount, seq, at: last.at })
    }
}

impl Tx<'_> {
    /// Begins to count behind a transfer of the wallet's journal, which must be in the tables. What was used since
    /// then is found out here, and so it is looked at only when the line is reached already. A gauge of the pass that
    /// was there before is gone.
    pub async fn start_gauge(&mut self, row: &GaugeRow, behind: u64) -> Result<(), Fault> {
        // The projector waits here on PostgreSQL, so that it counts every page behind this one; or it was faster, and
        // the transaction begins again.
        let locking = match self.session.dialect() {
            Dialect::Sqlite => "",
            Dialect::Postgres => "FOR UPDATE",
        };
        let sql = format!("SELECT head_seq FROM wallets WHERE id = $1 {locking}");
        let found = self.session.find(&sql, &[row.wallet.into()]).await?;
        let head: Option<u64> = found.map(|mut row| row.take()).transpose()?;
        let Some(head) = head.filter(|head| behind <= *head) else {
            return Err(Fault::Busy { doing: "beginning to count what is used" });
        };
        let last = position(&mut self.session, row.wallet, head, before(row.until)).await?;
        let used = sum(&mut self.session, row.wallet, behind, last).await?;
        let look_at = (used >= row.line).then_some(row.look_at).flatten();
        let sql = format!(
            "INSERT INTO gauges ({GAUGE}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (wallet, pass) DO UPDATE SET month = excluded.month, until_at = excluded.until_at, \
             line_nanos = excluded.line_nanos, used_nanos = excluded.used_nanos, look_at = excluded.look_at, \
             counted_seq = excluded.counted_seq"
        );
        let values: [Value; 8] = [
            row.wallet.into(),
            row.pass.into(),
            row.month.into(),
            row.until.into(),
            row.line.into(),
            used.into(),
            look_at.into(),
            seq(last),
        ];
        self.session.execute(&sql, &values).await.map(drop)
    }

    /// Ends counting for a pass.
    pub async fn end_gauge(&mut self, wallet: WalletId, pass: PassId) -> Result<(), Fault> {
        let sql = "DELETE FROM gauges WHERE wallet = $1 AND pass = $2";
        self.session.execute(sql, &[wallet.into(), pass.into()]).await.map(drop)
    }
}

impl Reader {
    /// What a wallet used for a pass until now: exactly, with what the projector has not counted.
    pub async fn find_gauge(&self, wallet: WalletId, pass: PassId) -> Result<Option<GaugeRow>, Fault> {
        self.snapshot_wallet(wallet, "looking at what is used", move |session| {
            Box::pin(async move {
                let sql = format!("SELECT {GAUGE} FROM gauges WHERE wallet = $1 AND pass = $2");
                let Some(row) = session.find(&sql, &[wallet.into(), pass.into()]).await? else { return Ok(None) };
                let (gauge, counted) = gauge(row)?;
                let head = books::find_head(session, wallet).await?.map_or(0, |head| head.head.seq);
                let last = position(session, wallet, head, before(gauge.until)).await?;
                let used = [gauge.used, sum(session, wallet, counted, last).await?].into_iter().sum();
                Ok(Some(GaugeRow { used, ..gauge }))
            })
        })
        .await
    }

    /// Gauges at their line, the longest waiting first. One is among them once its charge is in the tables, which is a
    /// moment after it was answered.
    pub async fn list_due_gauges(&self, now: Instant, limit: u32) -> Result<Vec<GaugeRow>, Fault> {
        let sql = format!(
            "SELECT {GAUGE} FROM gauges WHERE look_at IS NOT NULL AND look_at <= $1 ORDER BY look_at, wallet LIMIT $2"
        );
        self.read_beside("looking for gauges at their line", move |session| {
            Box::pin(async move {
                let rows = session.query(&sql, &[now.into(), limit.into()]).await?;
                rows.into_iter().map(|row| Ok(gauge(row)?.0)).collect()
            })
        })
        .await
    }

    /// The gauges of a wallet at their line, with every charge that was answered.
    pub async fn list_due_gauges_of(&self, wallet: WalletId, now: Instant) -> Result<Vec<GaugeRow>, Fault> {
        let sql = format!("SELECT {GAUGE} FROM gauges WHERE wallet = $1 AND look_at IS NOT NULL AND look_at <= $2");
        self.read_wallet(wallet, "looking for gauges at their line", move |session| {
            Box::pin(async move {
                let rows = session.query(&sql, &[wallet.into(), now.into()]).await?;
                rows.into_iter().map(|row| Ok(gauge(row)?.0)).collect()
            })
        })
        .await
    }
}

/// What charges took between two transfers: behind one, up to and with the other.
async fn sum(session: &mut Session<'_>, wallet: WalletId, behind: u64, last: u64) -> Result<Amount, Fault> {
    if last <= behind {
        return Ok(Amount::ZERO);
    }
    let sql = "SELECT CAST(coalesce(sum(amount_nanos), 0) AS bigint) FROM transfers \
               WHERE wallet = $1 AND seq > $2 AND seq <= $3 AND kind = $4";
    let kind = i64::from(TransferKind::Charge.code());
    let found = session.find(sql, &[wallet.into(), seq(behind), seq(last), kind.into()]).await?;
    found.ok_or_else(|| Fault::corrupt(format!("the journal of {wallet}")))?.take()
}

fn before(until: Instant) -> Instant {
    Instant::from_micros(until.micros() - 1)
}

fn seq(number: u64) -> Value {
    (number as i64).into()
}

fn gauge(mut row: Row) -> Result<(GaugeRow, u64), Fault> {
    let gauge = GaugeRow {
        wallet: row.take()?,
        pass: row.take()?,
        month: row.take()?,
        until: row.take()?,
        line: row.take()?,
        used: row.take()?,
        look_at: row.take()?,
    };
    Ok((gauge, row.take()?))
}
