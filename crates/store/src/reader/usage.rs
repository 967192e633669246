//! Usage from its rollups, as fast at a billion charges as at a thousand.

use std::ops::Range;

use units::{Amount, ApiKeyId, Cost, Day, UserId, WalletId};
use uuid::Uuid;

use crate::session::Session;
use crate::value::{Row, Value};
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

/// What charges add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsageSumRow {
    /// How many.
    pub requests: u64,
    /// Prompt tokens, cached ones included.
    pub input: u64,
    /// Prompt tokens read from a cache.
    pub cache_read: u64,
    /// Completion tokens, reasoning included.
    pub output: u64,
    /// What was taken from grants.
    pub debited: Amount,
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

    /// What each model used on each of the days, in the order of both; with a user only what they used. Charges without a usage record have an empty name.
    pub async fn sum_usage_by_model(
        &self,
        wallet: WalletId,
        days: Range<Day>,
        user: Option<UserId>,
    ) -> Result<Vec<(Day, String, UsageSumRow)>, Fault> {
        let read = |row: &mut Row| Ok((row.take()?, row.take()?));
        let sums = self.sum_usage("day, model", wallet, days, user, read).await?;
        Ok(sums.into_iter().map(|((day, model), total)| (day, model, total)).collect())
    }

    /// What each provider used, in the order of their names.
    pub async fn sum_usage_by_provider(
        &self,
        wallet: WalletId,
        days: Range<Day>,
        user: Option<UserId>,
    ) -> Result<Vec<(String, UsageSumRow)>, Fault> {
        self.sum_usage("provider", wallet, days, user, Row::take).await
    }

    /// What each project used, in the order of their names. The name is empty where the client gave none.
    pub async fn sum_usage_by_project(
        &self,
        wallet: WalletId,
        days: Range<Day>,
        user: Option<UserId>,
    ) -> Result<Vec<(String, UsageSumRow)>, Fault> {
        self.sum_usage("project", wallet, days, user, Row::take).await
    }

    /// What each person used.
    pub async fn sum_usage_by_user(
        &self,
        wallet: WalletId,
        days: Range<Day>,
        user: Option<UserId>,
    ) -> Result<Vec<(Option<UserId>, UsageSumRow)>, Fault> {
        self.sum_usage("user_id", wallet, days, user, |row| Ok(present(row.take()?).map(UserId::from_uuid))).await
    }

    /// How many people used something.
    pub async fn count_users(&self, wallet: WalletId, days: Range<Day>) -> Result<u64, Fault> {
        let nobody = Uuid::nil();
        let sql = "SELECT count(DISTINCT user_id) FROM usage_daily WHERE wallet = $1 AND day >= $2 AND day < $3 \
                   AND user_id <> $4";
        self.read_wallet(wallet, "counting people", move |session| {
            Box::pin(async move {
                let values = [wallet.into(), days.start.into(), days.end.into(), nobody.into()];
                session.find(sql, &values).await?.map_or(Ok(0), |mut row| row.take())
            })
        })
        .await
    }

    /// Sums by columns, in their order. The database sums: a year of a large team is many rows.
    async fn sum_usage<K: Send + 'static>(
        &self,
        columns: &'static str,
        wallet: WalletId,
        days: Range<Day>,
        user: Option<UserId>,
        read: impl Fn(&mut Row) -> Result<K, Fault> + Copy + Send + 'static,
    ) -> Result<Vec<(K, UsageSumRow)>, Fault> {
        self.read_wallet(wallet, "summing usage", move |session| {
            Box::pin(async move {
                let sums = ["requests", "input", "cache_read", "output", "debited_nanos"]
                    .map(|column| format!("CAST(sum({column}) AS bigint)"))
                    .join(", ");
                let only = if user.is_some() { "AND user_id = $4" } else { "" };
                let sql = format!(
                    "SELECT {columns}, {sums} FROM usage_daily WHERE wallet = $1 AND day >= $2 AND day < $3 {only} \
                     GROUP BY {columns} ORDER BY {columns}"
                );
                let mut values: Vec<Value> = vec![wallet.into(), days.start.into(), days.end.into()];
                values.extend(user.map(Value::from));
                let found = session.query(&sql, &values).await?.into_iter();
                found.map(|mut row| Ok((read(&mut row)?, UsageSumRow::read(row)?))).collect()
            })
        })
        .await
    }
}

impl UsageSumRow {
    fn read(mut row: Row) -> Result<Self, Fault> {
        Ok(Self {
            requests: row.take()?,
            input: row.take()?,
            cache_read: row.take()?,
            output: row.take()?,
            debited: row.take()?,
        })
    }

    /// Both together. Nothing real comes near the largest number.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            input: self.input.saturating_add(other.input),
            cache_read: self.cache_read.saturating_add(other.cache_read),
            output: self.output.saturating_add(other.output),
            debited: self.debited.checked_add(other.debited).unwrap_or(Amount::MAX),
        }
    }
}

/// Absent persons and keys are the UUID of zeros.
fn present(id: Uuid) -> Option<Uuid> {
    (!id.is_nil()).then_some(id)
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
