//! Each charge against its transfers, and all of them against what the requests cost.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use billing::UsageRecord;
use ledger::Charge;
use units::{Amount, WalletId};

use super::journal::Journal;
use super::rollups::UsageByDay;
use super::{Checked, ROWS_A_PAGE, different};
use crate::books::{self, Head};
use crate::session::Session;
use crate::value::{Row, Value};

const ATTOS_PER_NANO: i128 = 1_000_000_000;

/// What the charges add up to.
pub(super) struct Charges {
    pub count: u64,
    pub usage: UsageByDay,
    cost_attos: i128,
    debited_nanos: i128,
    transfers: u64,
}

/// What the journal moved for one charge.
struct Moved {
    paid: Amount,
    lost: Amount,
    transfers: u32,
}

pub(super) async fn check(
    session: &mut Session<'_>,
    id: WalletId,
    head: &Head,
    journal: &Journal,
    rows: &AtomicU64,
) -> Checked<Charges> {
    let mut charges = Charges { count: 0, usage: BTreeMap::new(), cost_attos: 0, debited_nanos: 0, transfers: 0 };
    let mut after: Option<Value> = None;
    loop {
        let page = page(session, id, after.take()).await?;
        for (charge, usage, moved) in &page {
            charges.take(charge, usage.as_ref(), moved)?;
        }
        rows.fetch_add(page.len() as u64, Ordering::Relaxed);
        match page.last() {
            Some((last, _, _)) if page.len() == ROWS_A_PAGE as usize => after = Some(last.id.into()),
            _ => break,
        }
    }
    charges.finish(head, journal)?;
    Ok(charges)
}

impl Charges {
    fn take(&mut self, charge: &Charge, usage: Option<&UsageRecord>, moved: &Moved) -> Checked<()> {
        if (charge.debited, charge.lost, charge.transfers) != (moved.paid, moved.lost, moved.transfers) {
            return different(format!(
                "charge {} says {} debited and {} lost in {} transfers, the journal says {} and {} in {}",
                charge.id, charge.debited, charge.lost, charge.transfers, moved.paid, moved.lost, moved.transfers
            ));
        }
        self.count += 1;
        self.cost_attos += charge.cost.attos();
        self.debited_nanos += i128::from(charge.debited.nanos()) + i128::from(charge.lost.nanos());
        self.transfers += u64::from(charge.transfers);
        super::rollups::add(&mut self.usage, charge, usage);
        Ok(())
    }

    fn finish(&self, head: &Head, journal: &Journal) -> Checked<()> {
        if self.transfers != journal.of_charges {
            let (ours, all) = (self.transfers, journal.of_charges);
            return different(format!("charges account for {ours} transfers, the journal has {all} of charges"));
        }
        let booked = self.debited_nanos * ATTOS_PER_NANO + i128::from(head.remainder.attos());
        match booked == self.cost_attos {
            true => Ok(()),
            false => different(format!(
                "requests cost {} attodollars, debited, lost and carried over are {booked}",
                self.cost_attos
            )),
        }
    }
}

/// Charges in the order of their ids, each with what its transfers say.
async fn page(
    session: &mut Session<'_>,
    id: WalletId,
    after: Option<Value>,
) -> Checked<Vec<(Charge, Option<UsageRecord>, Moved)>> {
    let its = "FROM transfers t WHERE t.wallet = c.wallet AND t.seq >= c.first_seq \
               AND t.seq < c.first_seq + c.transfer_count AND t.reference = c.id AND t.moved_at = c.settled_at AND";
    let sum = "SELECT CAST(coalesce(sum(t.amount_nanos), 0) AS bigint)";
    let bound = if after.is_some() { "AND c.id > $3" } else { "" };
    let sql = format!(
        "SELECT {charge}, ({sum} {its} t.kind = 2), ({sum} {its} t.kind = 3), \
         (SELECT count(*) {its} t.kind IN (2, 3)), {usage} FROM charges c WHERE c.wallet = $1 {bound} ORDER BY c.id LIMIT $2",
        charge = books::CHARGE,
        usage = books::USAGE,
    );
    let values: Vec<Value> = [id.into(), ROWS_A_PAGE.into()].into_iter().chain(after).collect();
    let rows = session.query(&sql, &values).await?;
    rows.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Checked<(Charge, Option<UsageRecord>, Moved)> {
    let charge = books::charge(&mut row)?;
    let moved = Moved { paid: row.take()?, lost: row.take()?, transfers: row.take()? };
    Ok((charge, books::usage(&mut row)?, moved))
}
