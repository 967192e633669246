//! How large the books are, and walks over all of them.

use std::collections::BTreeMap;

use ledger::Account;
use units::{Day, WalletId};

use crate::{Fault, Reader};

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BookSize {
    /// Wallets.
    pub wallets: u64,
    /// Transfers, by what the wallets say.
    pub transfers: u64,
    /// Charges, by what the rollups say.
    pub charges: u64,
}

/// What a wallet's transfers moved in all, in nanodollars.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountTotals {
    /// What is left on its grants.
    pub grants: i128,
    /// What it moved into each of the platform's accounts.
    pub platform: BTreeMap<Account, i128>,
}

impl Reader {
    /// Counts the books without reading them.
    pub async fn size(&self) -> Result<BookSize, Fault> {
        self.read("counting", |session| {
            Box::pin(async move {
                let mut counts = [0; 3];
                let queries = [
                    "SELECT count(*) FROM wallets",
                    "SELECT CAST(coalesce(sum(head_seq), 0) AS bigint) FROM wallets",
                    "SELECT CAST(coalesce(sum(requests), 0) AS bigint) FROM usage_daily",
                ];
                for (count, sql) in counts.iter_mut().zip(queries) {
                    if let Some(mut row) = session.find(sql, &[]).await? {
                        *count = u64::try_from(row.take::<i64>()?).unwrap_or(0);
                    }
                }
                Ok(BookSize { wallets: counts[0], transfers: counts[1], charges: counts[2] })
            })
        })
        .await
    }

    /// All wallets in the order of their ids, from behind one.
    pub async fn list_wallet_ids(&self, after: Option<WalletId>, limit: u32) -> Result<Vec<WalletId>, Fault> {
        let after = after.map(|id| id.uuid()).unwrap_or_default();
        self.read("listing wallets", move |session| {
            Box::pin(async move {
                let sql = "SELECT id FROM wallets WHERE id > $1 ORDER BY id LIMIT $2";
                let rows = session.query(sql, &[after.into(), limit.into()]).await?;
                rows.into_iter().map(|mut row| row.take()).collect()
            })
        })
        .await
    }

    /// What a wallet's transfers before a day came to, by the rollups; all of them, when no day is named.
    pub async fn account_totals(&self, wallet: WalletId, before: Option<Day>) -> Result<AccountTotals, Fault> {
        let before = before.map_or(i64::MAX, |day| day.number().into());
        self.read("summing up a wallet", move |session| {
            Box::pin(async move {
                let sum = |name: &str| format!("CAST(coalesce(sum({name}), 0) AS bigint)");
                let names = Account::PLATFORM.iter().map(|account| account.name());
                let sums: Vec<String> = ["grants"].into_iter().chain(names).map(sum).collect();
                let sql = format!("SELECT {} FROM account_daily WHERE wallet = $1 AND day < $2", sums.join(", "));
                let mut totals = AccountTotals::default();
                if let Some(mut row) = session.find(&sql, &[wallet.into(), before.into()]).await? {
                    totals.grants = row.take::<i64>()?.into();
                    for account in Account::PLATFORM {
                        totals.platform.insert(account, row.take::<i64>()?.into());
                    }
                }
                Ok(totals)
            })
        })
        .await
    }
}
