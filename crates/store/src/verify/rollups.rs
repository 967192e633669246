//! The sums by day, against what they sum.

use std::collections::BTreeMap;

use billing::UsageRecord;
use ledger::Charge;
use units::{Day, WalletId};
use uuid::Uuid;

use super::journal::Journal;
use super::{Checked, different};
use crate::reader::list_usage_daily;
use crate::rows::UsageSum;
use crate::session::Session;

/// Day, model, provider, project, person, key.
type Key = (i64, String, String, String, Uuid, Uuid);

pub(super) type UsageByDay = BTreeMap<Key, UsageSum>;

/// Adds a charge to its day.
pub(super) fn add(usage: &mut UsageByDay, charge: &Charge, record: Option<&UsageRecord>) {
    let text = |field: fn(&UsageRecord) -> &String| record.map(field).cloned().unwrap_or_default();
    let key = (
        i64::from(charge.at.day().number()),
        text(|record| &record.model),
        text(|record| &record.provider),
        text(|record| &record.project),
        record.and_then(|record| record.user).map(|user| user.uuid()).unwrap_or_default(),
        record.and_then(|record| record.api_key).map(|key| key.uuid()).unwrap_or_default(),
    );
    usage.entry(key).or_default().add(charge, record);
}

pub(super) async fn check_accounts(session: &mut Session<'_>, id: WalletId, journal: &Journal) -> Checked<()> {
    let mut expected = journal.accounts.clone();
    let sql = "SELECT day, account, nanos FROM account_daily WHERE wallet = $1 ORDER BY day, account";
    for mut row in session.query(sql, &[id.into()]).await? {
        let (day, account, stored): (Day, u8, i64) = (row.take()?, row.take()?, row.take()?);
        let computed = expected.remove(&(i64::from(day.number()), account)).unwrap_or_default();
        if computed != i128::from(stored) {
            return different(format!("account {account} says {stored} on {day}, its transfers say {computed}"));
        }
    }
    match expected.into_iter().find(|(_, nanos)| *nanos != 0) {
        Some(((day, account), _)) => different(format!("account {account} has no row for {}", named(day))),
        None => Ok(()),
    }
}

pub(super) async fn check_usage(session: &mut Session<'_>, id: WalletId, usage: &UsageByDay) -> Checked<()> {
    let (first, last) = (Day::from_number(i32::MIN), Day::from_number(i32::MAX));
    let stored = list_usage_daily(session, id, first, last).await?;
    for row in &stored {
        let key = (
            i64::from(row.day.number()),
            row.model.clone(),
            row.provider.clone(),
            row.project.clone(),
            row.user.map(|user| user.uuid()).unwrap_or_default(),
            row.api_key.map(|key| key.uuid()).unwrap_or_default(),
        );
        let Some(sum) = usage.get(&key) else {
            return different(format!("usage of {} on {} has no charges", row.model, row.day));
        };
        let counts = [row.requests, row.input, row.cache_read, row.cache_write, row.output, row.reasoning];
        let computed = [sum.requests, sum.input, sum.cache_read, sum.cache_write, sum.output, sum.reasoning];
        let money = (row.cost.attos(), row.debited.nanos(), row.lost.nanos());
        let is_equal =
            counts.map(|count| count as i64) == computed && money == (cost_of(sum), sum.debited_nanos, sum.lost_nanos);
        if !is_equal {
            return different(format!("usage of {} on {} is not what its charges add up to", row.model, row.day));
        }
    }
    match stored.len() == usage.len() {
        true => Ok(()),
        false => different("a day of usage has no row"),
    }
}

fn cost_of(sum: &UsageSum) -> i128 {
    crate::rows::join(sum.cost_nanos, sum.cost_attos).attos()
}

fn named(day: i64) -> String {
    i32::try_from(day).map_or_else(|_| day.to_string(), |day| Day::from_number(day).to_string())
}
