//! Watches over wallets: who is to look when a charge or an expiry takes available credits below a line.
//!
//! The projector notes what crosses a line together with the charge (`Rows::fallen`). What a watch is for, and what is done then, is not
//! decided here.

use units::{Amount, Instant, WalletId};

use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// What a watch is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WatchKind {
    /// Credits are bought without asking.
    TopUp,
    /// The holder is told.
    LowBalance,
}

/// A watch over a wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchRow {
    /// Whose.
    pub wallet: WalletId,
    /// What for.
    pub kind: WatchKind,
    /// The line.
    pub below: Amount,
    /// Whether the next crossing is noted.
    pub is_armed: bool,
    /// Whether credits that come in arm it again.
    pub rearms: bool,
    /// From when on somebody must look.
    pub look_at: Option<Instant>,
    /// How often it was changed. Saving counts it up.
    pub version: u32,
}

const WATCH: &str = "wallet, kind, below_nanos, is_armed, rearms, look_at, version";

impl WatchKind {
    const ALL: [Self; 2] = [Self::TopUp, Self::LowBalance];

    const fn name(self) -> &'static str {
        match self {
            Self::TopUp => "top_up",
            Self::LowBalance => "low_balance",
        }
    }
}

impl Tx<'_> {
    /// The watch of this kind over a wallet.
    pub async fn find_watch(&mut self, wallet: WalletId, kind: WatchKind) -> Result<Option<WatchRow>, Fault> {
        find(&mut self.session, wallet, kind).await
    }

    /// Adds a watch, or writes how it stands now. Its version is counted up, whatever the row says.
    pub async fn save_watch(&mut self, row: &WatchRow) -> Result<(), Fault> {
        let sql = format!(
            "INSERT INTO watches ({WATCH}) VALUES ($1, $2, $3, $4, $5, $6, 1) \
             ON CONFLICT (wallet, kind) DO UPDATE SET below_nanos = excluded.below_nanos, \
             is_armed = excluded.is_armed, rearms = excluded.rearms, look_at = excluded.look_at, \
             version = watches.version + 1"
        );
        let values: [Value; 6] = [
            row.wallet.into(),
            row.kind.name().into(),
            row.below.into(),
            row.is_armed.into(),
            row.rearms.into(),
            row.look_at.into(),
        ];
        self.session.execute(&sql, &values).await.map(drop)
    }

    /// Ends a watch.
    pub async fn delete_watch(&mut self, wallet: WalletId, kind: WatchKind) -> Result<(), Fault> {
        let sql = "DELETE FROM watches WHERE wallet = $1 AND kind = $2";
        self.session.execute(sql, &[wallet.into(), kind.name().into()]).await.map(drop)
    }
}

impl Reader {
    /// The watch of this kind over a wallet.
    pub async fn find_watch(&self, wallet: WalletId, kind: WatchKind) -> Result<Option<WatchRow>, Fault> {
        self.read_beside("looking for a watch", move |session| Box::pin(find(session, wallet, kind))).await
    }

    /// Watches that somebody must look at by now, the longest waiting first. A crossing is among them once its
    /// charge is in the tables, which is a moment after it was answered.
    pub async fn list_due_watches(&self, now: Instant, limit: u32) -> Result<Vec<WatchRow>, Fault> {
        let sql = format!(
            "SELECT {WATCH} FROM watches WHERE look_at IS NOT NULL AND look_at <= $1 \
             ORDER BY look_at, wallet, kind LIMIT $2"
        );
        self.read_beside("looking for watches", move |session| {
            Box::pin(
                async move { session.query(&sql, &[now.into(), limit.into()]).await?.into_iter().map(watch).collect() },
            )
        })
        .await
    }

    /// The first moment after `after` at which a watch must be looked at.
    pub async fn next_due_watch(&self, after: Instant) -> Result<Option<Instant>, Fault> {
        let sql = "SELECT min(look_at) FROM watches WHERE look_at > $1";
        self.read("looking for the next watch", move |session| {
            Box::pin(async move {
                match session.find(sql, &[after.into()]).await? {
                    Some(mut row) => row.take(),
                    None => Ok(None),
                }
            })
        })
        .await
    }

    /// Armed watches over wallets that have less than the line, without counting what is held: crossings that
    /// nobody noted. In the order of wallets, from behind `after`.
    pub async fn list_missed_watches(
        &self,
        now: Instant,
        after: Option<WalletId>,
        limit: u32,
    ) -> Result<Vec<WatchRow>, Fault> {
        let after = after.map(|id| id.uuid()).unwrap_or_default();
        let sql = format!(
            "SELECT {WATCH} FROM watches WHERE is_armed = 1 AND look_at IS NULL AND wallet > $2 AND below_nanos > ( \
                 SELECT coalesce(sum(left_nanos - refunding_nanos), 0) FROM grants \
                 WHERE grants.wallet = watches.wallet AND drained = 0 AND effective_at <= $1 \
                 AND (expires_at IS NULL OR expires_at > $1) AND disputes = 0 AND lost = 0) \
             ORDER BY wallet LIMIT $3"
        );
        self.read("looking for crossings", move |session| {
            Box::pin(async move {
                let rows = session.query(&sql, &[now.into(), after.into(), limit.into()]).await?;
                rows.into_iter().map(watch).collect()
            })
        })
        .await
    }
}

async fn find(session: &mut Session<'_>, wallet: WalletId, kind: WatchKind) -> Result<Option<WatchRow>, Fault> {
    let sql = format!("SELECT {WATCH} FROM watches WHERE wallet = $1 AND kind = $2");
    session.find(&sql, &[wallet.into(), kind.name().into()]).await?.map(watch).transpose()
}

fn watch(mut row: Row) -> Result<WatchRow, Fault> {
    let (wallet, name): (WalletId, String) = (row.take()?, row.take()?);
    let kind = WatchKind::ALL.into_iter().find(|kind| kind.name() == name);
    Ok(WatchRow {
        wallet,
        kind: kind.ok_or_else(|| Fault::corrupt(format!("a watch of {wallet}")))?,
        below: row.take()?,
        is_armed: row.take()?,
        rearms: row.take()?,
        look_at: row.take()?,
        version: row.take()?,
    })
}
