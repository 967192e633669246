//! The daily roots, and where each journal ended in them.

use ledger::ChainHash;
use units::{Day, Instant, WalletId};

use crate::reader::position;
use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// The root of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootRow {
    /// The UTC day at whose end the journals are taken.
    pub day: Day,
    /// The root of the tree over their ends.
    pub root: [u8; 32],
    /// How many wallets are in it.
    pub wallets: u64,
    /// When it was made.
    pub made_at: Instant,
}

/// Where a journal ends in a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadRow {
    /// Whose.
    pub wallet: WalletId,
    /// The last transfer.
    pub seq: u64,
    /// Its seal.
    pub hash: ChainHash,
}

const ROOT: &str = "day, root, wallets, made_at";

fn root(mut row: Row) -> Result<RootRow, Fault> {
    Ok(RootRow { day: row.take()?, root: row.take()?, wallets: row.take()?, made_at: row.take()? })
}

fn head(mut row: Row) -> Result<HeadRow, Fault> {
    Ok(HeadRow { wallet: row.take()?, seq: row.take()?, hash: ChainHash(row.take()?) })
}

impl Reader {
    /// The root of a day.
    pub async fn find_root(&self, day: Day) -> Result<Option<RootRow>, Fault> {
        self.read("looking for a root", move |session| Box::pin(find_root(session, day))).await
    }

    /// Roots, the latest day first, from before a day on.
    pub async fn list_roots(&self, before: Option<Day>, limit: u32) -> Result<Vec<RootRow>, Fault> {
        let before = before.map_or(i64::MAX, |day| day.number().into());
        self.read("listing roots", move |session| {
            Box::pin(async move {
                let sql = format!("SELECT {ROOT} FROM daily_roots WHERE day < $1 ORDER BY day DESC LIMIT $2");
                session.query(&sql, &[before.into(), limit.into()]).await?.into_iter().map(root).collect()
            })
        })
        .await
    }

    /// Wallets whose journals grew since the last root and before the end of a day, in the order of their ids
    /// from behind one, each with where its journal ended on that day. Looks at `limit` wallets; the last one
    /// that it looked at comes beside, when there may be more.
    pub async fn list_grown(
        &self,
        day: Day,
        after: Option<WalletId>,
        limit: u32,
    ) -> Result<(Vec<HeadRow>, Option<WalletId>), Fault> {
        self.snapshot("looking for journals that grew", move |session| Box::pin(grown(session, day, after, limit)))
            .await
    }

    /// The leaves of a day's tree, in their order, from behind a wallet.
    pub async fn list_root_heads(&self, day: Day, after: Option<WalletId>, limit: u32) -> Result<Vec<HeadRow>, Fault> {
        let after = after.map(|id| id.uuid()).unwrap_or_default();
        self.read("reading the leaves of a root", move |session| {
            Box::pin(async move {
                let sql = "SELECT r.wallet, r.seq, r.hash FROM wallets w JOIN root_heads r ON r.wallet = w.id AND \
                           r.day = (SELECT max(m.day) FROM root_heads m WHERE m.wallet = w.id AND m.day <= $1) \
                           WHERE w.id > $2 ORDER BY w.id LIMIT $3";
                let rows = session.query(sql, &[day.into(), after.into(), limit.into()]).await?;
                rows.into_iter().map(head).collect()
            })
        })
        .await
    }

    /// The first root that covers a transfer of a wallet, and the seq with which the journal ends in it.
    pub async fn find_root_over(&self, wallet: WalletId, seq: u64) -> Result<Option<(RootRow, u64)>, Fault> {
        self.read("looking for the root over a transfer", move |session| {
            Box::pin(async move {
                let sql = "SELECT r.day, r.root, r.wallets, r.made_at, h.seq FROM root_heads h \
                           JOIN daily_roots r ON r.day = h.day WHERE h.wallet = $1 AND h.seq >= $2 ORDER BY h.day LIMIT 1";
                let Some(mut row) = session.find(sql, &[wallet.into(), Value::Int(seq as i64)]).await? else {
                    return Ok(None);
                };
                let root = RootRow { day: row.take()?, root: row.take()?, wallets: row.take()?, made_at: row.take()? };
                Ok(Some((root, row.take()?)))
            })
        })
        .await
    }
}

pub(crate) async fn find_root(session: &mut Session<'_>, day: Day) -> Result<Option<RootRow>, Fault> {
    let sql = format!("SELECT {ROOT} FROM daily_roots WHERE day = $1");
    session.find(&sql, &[day.into()]).await?.map(root).transpose()
}

async fn grown(
    session: &mut Session<'_>,
    day: Day,
    after: Option<WalletId>,
    limit: u32,
) -> Result<(Vec<HeadRow>, Option<WalletId>), Fault> {
    let after = after.map(|id| id.uuid()).unwrap_or_default();
    let sql = "SELECT id, head_seq, head_hash, head_at, \
               coalesce((SELECT max(h.seq) FROM root_heads h WHERE h.wallet = w.id), 0) \
               FROM wallets w WHERE id > $1 ORDER BY id LIMIT $2";
    let rows = session.query(sql, &[after.into(), limit.into()]).await?;
    let (count, mut last, mut found) = (rows.len(), None, Vec::new());
    for mut row in rows {
        let (wallet, seq, hash): (WalletId, u64, [u8; 32]) = (row.take()?, row.take()?, row.take()?);
        let (at, covered): (Instant, u64) = (row.take()?, row.take()?);
        last = Some(wallet);
        let end = day.next().start();
        let mut head = HeadRow { wallet, seq, hash: ChainHash(hash) };
        if at >= end {
            let before = Instant::from_micros(end.micros() - 1);
            head.seq = position(session, wallet, seq, before).await?;
            if head.seq > covered {
                let transfer = crate::reader::list_transfers(session, wallet, head.seq - 1, 1).await?.pop();
                head.hash = transfer.ok_or_else(|| Fault::corrupt(format!("transfer {} of {wallet}", head.seq)))?.hash;
            }
        }
        if head.seq > covered {
            found.push(head);
        }
    }
    Ok((found, last.filter(|_| count == limit as usize)))
}

impl Tx<'_> {
    /// Keeps where journals end in the root of a day. Those that stand there already stay as they are, and
    /// after the root was made nothing is added any more.
    pub async fn insert_root_heads(&mut self, day: Day, heads: &[HeadRow]) -> Result<(), Fault> {
        if find_root(&mut self.session, day).await?.is_some() {
            return Ok(());
        }
        let sql = "INSERT INTO root_heads (wallet, day, seq, hash) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        for head in heads {
            let values = [head.wallet.into(), day.into(), Value::Int(head.seq as i64), head.hash.0.into()];
            self.session.execute(sql, &values).await?;
        }
        Ok(())
    }

    /// How many journals end anew in the root of a day.
    pub async fn count_root_heads(&mut self, day: Day) -> Result<u64, Fault> {
        let found = self.session.find("SELECT count(*) FROM root_heads WHERE day = $1", &[day.into()]).await?;
        found.map_or(Ok(0), |mut row| row.take())
    }

    /// Writes the root of a day, once. Answers with the one that stands.
    pub async fn insert_root(&mut self, made: &RootRow) -> Result<RootRow, Fault> {
        if let Some(standing) = find_root(&mut self.session, made.day).await? {
            return Ok(standing);
        }
        let sql = format!("INSERT INTO daily_roots ({ROOT}) VALUES ($1, $2, $3, $4)");
        let values = [made.day.into(), made.root.into(), Value::Int(made.wallets as i64), made.made_at.into()];
        self.session.execute(&sql, &values).await?;
        Ok(made.clone())
    }
}
/// The roots in which a journal ends anew: the day, the seq and the seal.
pub(crate) async fn heads_of(session: &mut Session<'_>, wallet: WalletId) -> Result<Vec<(Day, HeadRow)>, Fault> {
    let sql = "SELECT day, wallet, seq, hash FROM root_heads WHERE wallet = $1 ORDER BY day";
    let rows = session.query(sql, &[wallet.into()]).await?;
    rows.into_iter().map(|mut row| Ok((row.take()?, head(row)?))).collect()
}
