//! Sums of the platform's accounts, as fast at a billion charges as at a thousand.

use std::collections::BTreeMap;

use ledger::Account;

use crate::session::Session;
use crate::{Fault, Reader};

impl Reader {
    /// The balance of each of the platform's accounts in nanodollars: what flowed in less what flowed out.
    /// What is in the wallets is minus their sum.
    pub async fn platform_totals(&self) -> Result<BTreeMap<Account, i128>, Fault> {
        self.read("summing the platform's accounts", |session| Box::pin(platform_totals(session))).await
    }
}

async fn platform_totals(session: &mut Session<'_>) -> Result<BTreeMap<Account, i128>, Fault> {
    // Whole dollars and the rest are summed apart: each sum fits 64 bits also where the total would not.
    let sum = |account: &Account| {
        let name = account.name();
        format!(
            "CAST(coalesce(sum({name} / 1000000000), 0) AS bigint), CAST(coalesce(sum({name} % 1000000000), 0) AS bigint)"
        )
    };
    let sums: Vec<String> = Account::PLATFORM.iter().map(sum).collect();
    let mut totals = BTreeMap::new();
    if let Some(mut row) = session.find(&format!("SELECT {} FROM account_daily", sums.join(", ")), &[]).await? {
        for account in Account::PLATFORM {
            let (dollars, nanos): (i64, i64) = (row.take()?, row.take()?);
            totals.insert(account, i128::from(dollars) * 1_000_000_000 + i128::from(nanos));
        }
    }
    Ok(totals)
}
