//! What was spent lately, from the rollups by wallet and day: as many rows as days, whoever spent how often.

use std::ops::Range;

use units::{Amount, Day, WalletId};

use crate::{Fault, Reader};

impl Reader {
    /// The first day on which anything happened in a wallet.
    pub async fn find_first_day(&self, wallet: WalletId) -> Result<Option<Day>, Fault> {
        self.read_wallet(wallet, "looking for the first day", move |session| {
            Box::pin(async move {
                let sql = "SELECT day FROM account_daily WHERE wallet = $1 ORDER BY day LIMIT 1";
                session.find(sql, &[wallet.into()]).await?.map(|mut row| row.take()).transpose()
            })
        })
        .await
    }

    /// What credits have paid for requests on some days, less what corrections gave back; below zero when that is more.
    pub async fn sum_spent(&self, wallet: WalletId, days: Range<Day>) -> Result<Amount, Fault> {
        self.read_wallet(wallet, "summing what was spent", move |session| {
            Box::pin(async move {
                // What no credits covered came out of the platform's loss.
                let sql = "SELECT CAST(coalesce(sum(revenue + loss), 0) AS bigint) FROM account_daily \
                           WHERE wallet = $1 AND day >= $2 AND day < $3";
                let values = [wallet.into(), days.start.into(), days.end.into()];
                session.find(sql, &values).await?.map_or(Ok(Amount::ZERO), |mut row| row.take())
            })
        })
        .await
    }
}
