//! Questions that the rollups answer, as fast at a billion charges as at a thousand.

use std::collections::BTreeMap;

use ledger::Account;
use units::{Amount, ApiKeyId, Cost, Day, UserId, WalletId};
use uuid::Uuid;

use crate::session::Session;
use crate::value::Row;
use crate::{Fault, Reader, rows};

/// What the charges of one day, model, provider, project, person and key add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageDailyRow {
    /// Whose.
    pub wallet: WalletId,
    /// The UTC day on which they were settled.
    pub day: Day,
    /// The model's public id; empty when the charges came without a usage record.
    pub model: String,
    /// The upstream that answered.
    pub provider: String,
    /// The client's project.
    pub project: String,
    /// Who asked.
    pub user: Option<UserId>,
    /// With which key.
    pub api_key: Option<ApiKeyId>,
    /// How many.
    pub requests: u64,
    /// Prompt tokens, cached ones included.
    pub input: u64,
    /// Prompt tokens read from a cache.
    pub cache_read: u64,
    /// Prompt tokens written to a cache of any lifetime.
    pub cache_write: u64,
    /// Completion tokens, reasoning included.
    pub output: u64,
    /// Completion tokens spent on reasoning.
    pub reasoning: u64,
    /// What the providers charge, exactly.
    pub cost: Cost,
    /// What was taken from grants.
    pub debited: Amount,
    /// What no credits covered.
    pub lost: Amount,
}

impl Reader {
    /// Usage of the days from `from` to before `until`, in the order of day, model, provider, project,
    /// person, key.
    pub async fn list_usage_daily(&self, wallet: WalletId, from: Day, until: Day) -> Result<Vec<UsageDailyRow>, Fault> {
        self.read_wallet(wallet, "listing usage", move |session| {
            Box::pin(list_usage_daily(session, wallet, from, until))
        })
        .await
    }

    /// The balance of each of the platform's accounts in nanodollars: what flowed in less what flowed out.
    /// What is in the wallets is minus their sum.
    pub async fn platform_totals(&self) -> Result<BTreeMap<Account, i128>, Fault> {
        self.read("summing the platform's accounts", |session| Box::pin(platform_totals(session))).await
    }
}

pub(crate) const USAGE_DAILY: &str = "wallet, day, model, provider, project, user_id, api_key, requests, input, \
    cache_read, cache_write, output, reasoning, cost_nanos, cost_attos, debited_nanos, lost_nanos";

pub(crate) async fn list_usage_daily(
    session: &mut Session<'_>,
    wallet: WalletId,
    from: Day,
    until: Day,
) -> Result<Vec<UsageDailyRow>, Fault> {
    let sql = format!(
        "SELECT {USAGE_DAILY} FROM usage_daily WHERE wallet = $1 AND day >= $2 AND day < $3 \
         ORDER BY day, model, provider, project, user_id, api_key"
    );
    session.query(&sql, &[wallet.into(), from.into(), until.into()]).await?.into_iter().map(usage_daily).collect()
}

fn usage_daily(mut row: Row) -> Result<UsageDailyRow, Fault> {
    let present = |id: Uuid| (!id.is_nil()).then_some(id);
    Ok(UsageDailyRow {
        wallet: row.take()?,
        day: row.take()?,
        model: row.take()?,
        provider: row.take()?,
        project: row.take()?,
        user: present(row.take()?).map(UserId::from_uuid),
        api_key: present(row.take()?).map(ApiKeyId::from_uuid),
        requests: row.take()?,
        input: row.take()?,
        cache_read: row.take()?,
        cache_write: row.take()?,
        output: row.take()?,
        reasoning: row.take()?,
        cost: rows::join(row.take()?, row.take()?),
        debited: row.take()?,
        lost: row.take()?,
    })
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
