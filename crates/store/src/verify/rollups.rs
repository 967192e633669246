//! The sums by day, against what they sum.

use std::collections::BTreeMap;

use billing::UsageRecord;
use ledger::Charge;
use units::{Day, WalletId};
use uuid::Uuid;

use super::journal::Journal;
use super::{Checked, different};
use crate::reader::list_usage_daily;
use crate::rows::{ACCOUNT_DAILY, ACCOUNTS, UsageSum};
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
    let sql = format!("SELECT {ACCOUNT_DAILY} FROM account_daily WHERE wallet = $1 ORDER BY day");
    for mut row in session.query(&sql, &[id.into()]).await? {
        let (_, day): (WalletId, Day) = (row.take()?, row.take()?);
        let mut stored = [0; ACCOUNTS];
        for nanos in &mut stored {
            *nanos = i128::from(row.take::<i64>()?);
        }
        if expected.remove(&i64::from(day.number())).unwrap_or_default() != stored {
            return different(format!("the accounts of {day} are not what its transfers add up to"));
        }
    }
    match expected.is_empty() {
        true => Ok(()),
        false => different("a day of transfers has no row of accounts"),
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
