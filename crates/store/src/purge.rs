//! Deletes what the end of retention deletes of an organization and its wallet. What is kept is not touched.

use serde::Serialize;
use units::{Day, Instant, OrganizationId, WalletId};
use uuid::Uuid;

use crate::session::Session;
use crate::value::Value;
use crate::{Fault, Reader, Tx};

/// How many rows of each kind a purge deletes or clears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PurgeCounts {
    /// Charges whose usage record is cleared. The charges stay.
    pub usage_records: u64,
    /// API keys.
    pub api_keys: u64,
    /// Sealed keys for providers.
    pub provider_keys: u64,
    /// Policies, limits of members, alerts and automatic top-up.
    pub settings: u64,
    /// Saved cards.
    pub cards: u64,
}

/// What is counted, with the condition of its rows. `$1` is the wallet, `$2` the organization.
const COUNTS: [&str; 5] = [
    "SELECT count(*) FROM charges WHERE wallet = $1 AND request IS NOT NULL",
    "SELECT count(*) FROM api_keys WHERE wallet = $1",
    "SELECT count(*) FROM byok_keys WHERE wallet = $1",
    "SELECT (SELECT count(*) FROM watches WHERE wallet = $1) + (SELECT count(*) FROM top_ups WHERE wallet = $1) \
     + (SELECT count(*) FROM policies WHERE organization = $2) \
     + (SELECT count(*) FROM members WHERE organization = $2 AND daily_limit_nanos IS NOT NULL)",
    "SELECT count(*) FROM cards WHERE wallet = $1 AND removed_at IS NULL",
];

impl Tx<'_> {
    /// Deletes, and answers what. A second time there is nothing to delete.
    ///
    /// The sums by day lose what they said of models, projects, people and keys, and agree with the charges as before.
    pub async fn purge(
        &mut self,
        wallet: WalletId,
        organization: OrganizationId,
        now: Instant,
    ) -> Result<PurgeCounts, Fault> {
        let counts = count(&mut self.session, wallet, organization).await?;
        let of_wallet: [Value; 1] = [wallet.into()];
        for sql in [
            "UPDATE charges SET request = NULL, user_id = NULL, api_key = NULL, model = NULL, provider = NULL, \
             project = NULL, admitted_at = NULL, price_version = NULL, cost_source = NULL, input = NULL, \
             cache_read = NULL, cache_write = NULL, cache_write_1h = NULL, output = NULL, reasoning = NULL, \
             reported_cost = NULL, estimated = NULL, own_cost = NULL WHERE wallet = $1 AND request IS NOT NULL",
            "DELETE FROM api_keys WHERE wallet = $1",
            "DELETE FROM byok_keys WHERE wallet = $1",
            "DELETE FROM watches WHERE wallet = $1",
            "DELETE FROM top_ups WHERE wallet = $1",
        ] {
            self.session.execute(sql, &of_wallet).await?;
        }
        for sql in [
            "DELETE FROM policies WHERE organization = $1",
            "UPDATE members SET daily_limit_nanos = NULL WHERE organization = $1",
        ] {
            self.session.execute(sql, &[organization.into()]).await?;
        }
        let removed = "UPDATE cards SET removed_at = $2 WHERE wallet = $1 AND removed_at IS NULL";
        self.session.execute(removed, &[wallet.into(), now.into()]).await?;
        self.sum_up_usage(wallet).await?;
        Ok(counts)
    }

    /// One row for each day, of nobody and no model.
    async fn sum_up_usage(&mut self, wallet: WalletId) -> Result<(), Fault> {
        let sums = "SELECT day, CAST(sum(requests) AS bigint), CAST(sum(cost_nanos) AS bigint), \
                    CAST(sum(cost_attos) AS bigint), CAST(sum(debited_nanos) AS bigint), CAST(sum(lost_nanos) AS bigint) \
                    FROM usage_daily WHERE wallet = $1 GROUP BY day ORDER BY day";
        let days = self.session.query(sums, &[wallet.into()]).await?;
        self.session.execute("DELETE FROM usage_daily WHERE wallet = $1", &[wallet.into()]).await?;
        for mut row in days {
            let day: Day = row.take()?;
            let mut values: Vec<Value> = vec![wallet.into(), day.into(), Uuid::nil().into()];
            for _ in 0..5 {
                values.push(Value::Int(row.take()?));
            }
            let sql = "INSERT INTO usage_daily (wallet, day, model, provider, project, user_id, api_key, requests, input, \
                       cache_read, cache_write, output, reasoning, cost_nanos, cost_attos, debited_nanos, lost_nanos) \
                       VALUES ($1, $2, '', '', '', $3, $3, $4, 0, 0, 0, 0, 0, $5, $6, $7, $8)";
            self.session.execute(sql, &values).await?;
        }
        Ok(())
    }
}

impl Reader {
    /// What a purge would delete now.
    pub async fn count_purge(&self, wallet: WalletId, organization: OrganizationId) -> Result<PurgeCounts, Fault> {
        self.read_beside("counting what would be deleted", move |session| {
            Box::pin(count(session, wallet, organization))
        })
        .await
    }
}

async fn count(
    session: &mut Session<'_>,
    wallet: WalletId,
    organization: OrganizationId,
) -> Result<PurgeCounts, Fault> {
    let mut counts = [0; COUNTS.len()];
    for (count, sql) in counts.iter_mut().zip(COUNTS) {
        let both: [Value; 2] = [wallet.into(), organization.into()];
        let values = if sql.contains("$2") { &both[..] } else { &both[..1] };
        if let Some(mut row) = session.find(sql, values).await? {
            *count = row.take()?;
        }
    }
    let [usage_records, api_keys, provider_keys, settings, cards] = counts;
    Ok(PurgeCounts { usage_records, api_keys, provider_keys, settings, cards })
}
