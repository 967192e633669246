//! A wallet whose service an operator has stopped by hand.

use units::{Instant, WalletId};

use super::text;
use crate::value::Row;
use crate::{Fault, Reader, Tx};

/// That an operator has stopped the service of a wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuspensionRow {
    /// Since when.
    pub since: Instant,
    /// Why, as its holder reads it.
    pub reason: String,
}

/// The columns of a suspension that may be absent, joined as `x`.
pub(super) const SUSPENSION_OF_X: &str = "x.since, x.reason";

impl Tx<'_> {
    /// Suspends a wallet. Answers whether this call did it: one that is suspended stays as it is.
    pub async fn insert_suspension(&mut self, wallet: WalletId, row: &SuspensionRow) -> Result<bool, Fault> {
        let sql = "INSERT INTO suspensions (wallet, since, reason) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        self.change(sql, &[wallet.into(), row.since.into(), text(&row.reason)]).await
    }

    /// Ends the suspension of a wallet. Answers whether there was one.
    pub async fn delete_suspension(&mut self, wallet: WalletId) -> Result<bool, Fault> {
        self.change("DELETE FROM suspensions WHERE wallet = $1", &[wallet.into()]).await
    }
}

impl Reader {
    /// Wallets that are suspended by hand, the longest first.
    pub async fn list_suspensions(&self, limit: u32) -> Result<Vec<(WalletId, SuspensionRow)>, Fault> {
        self.read_beside("listing suspensions", move |session| {
            Box::pin(async move {
                let sql = "SELECT wallet, since, reason FROM suspensions ORDER BY since, wallet LIMIT $1";
                let rows = session.query(sql, &[limit.into()]).await?;
                let suspension = rows
                    .into_iter()
                    .map(|mut row| Ok((row.take()?, SuspensionRow { since: row.take()?, reason: row.take()? })));
                suspension.collect()
            })
        })
        .await
    }
}

/// The columns of [`SUSPENSION_OF_X`].
pub(super) fn take_suspension(row: &mut Row) -> Result<Option<SuspensionRow>, Fault> {
    let (since, reason): (Option<Instant>, Option<String>) = (row.take()?, row.take()?);
    Ok(since.map(|since| SuspensionRow { since, reason: reason.unwrap_or_default() }))
}
