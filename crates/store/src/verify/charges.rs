//! Each charge against its transfers, and all of them against what the requests cost.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use billing::UsageRecord;
use ledger::{Charge, Transfer, TransferKind};
use units::{Amount, WalletId};

use super::journal::Journal;
use super::rollups::UsageByDay;
use super::{Checked, ROWS_A_PAGE, different};
use crate::ChargeRow;
use crate::books::{self, Head};
use crate::reader::list_transfers;
use crate::session::Session;
use crate::value::Value;

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
    let bound = if after.is_some() { "AND id > $3" } else { "" };
    let (charge, usage) = (books::CHARGE, books::USAGE);
    let sql = format!("SELECT {charge}, {usage} FROM charges WHERE wallet = $1 {bound} ORDER BY id LIMIT $2");
    let values: Vec<Value> = [id.into(), ROWS_A_PAGE.into()].into_iter().chain(after).collect();
    let rows = session.query(&sql, &values).await?;
    let rows: Vec<ChargeRow> = rows.into_iter().map(|mut row| books::charge_row(&mut row)).collect::<Result<_, _>>()?;
    let mut lines = Lines::near(session, id, &rows).await?;
    let mut page = Vec::with_capacity(rows.len());
    for ChargeRow { charge, usage } in rows {
        let moved = lines.of(session, &charge).await?;
        page.push((charge, usage, moved));
    }
    Ok(page)
}

/// The transfers around a page of charges. Ids and seqs rise together, so they are mostly one piece of the
/// journal, which is read at once.
struct Lines {
    first: u64,
    lines: Vec<Transfer>,
}

/// The longest piece that is read at once.
const LONGEST: u64 = 20_000;

impl Lines {
    async fn near(session: &mut Session<'_>, id: WalletId, rows: &[ChargeRow]) -> Checked<Self> {
        let with_lines = || rows.iter().map(|row| &row.charge).filter(|charge| charge.transfers > 0);
        let first = with_lines().map(|charge| charge.first_seq).min().unwrap_or(1);
        let end = with_lines().map(|charge| charge.first_seq.saturating_add(charge.transfers.into())).max();
        let length = end.unwrap_or(first).saturating_sub(first).min(LONGEST);
        let lines = list_transfers(session, id, first.saturating_sub(1), length as u32).await?;
        Ok(Self { first, lines })
    }

    /// What the journal moved for a charge.
    async fn of(&mut self, session: &mut Session<'_>, charge: &Charge) -> Checked<Moved> {
        let until = charge.first_seq.saturating_add(charge.transfers.into());
        if charge.first_seq < self.first || until > self.first + LONGEST {
            let apart = list_transfers(session, charge.wallet, charge.first_seq.saturating_sub(1), charge.transfers);
            return Ok(Moved::of(charge, &apart.await?));
        }
        let from = self.lines.partition_point(|line| line.seq < charge.first_seq);
        let to = self.lines.partition_point(|line| line.seq < until);
        Ok(Moved::of(charge, &self.lines[from..to]))
    }
}

impl Moved {
    fn of(charge: &Charge, lines: &[Transfer]) -> Self {
        let mut moved = Self { paid: Amount::ZERO, lost: Amount::ZERO, transfers: 0 };
        let until = charge.first_seq.saturating_add(charge.transfers.into());
        let its = |line: &&Transfer| {
            line.reference == charge.id.uuid().into_bytes()
                && line.at == charge.at
                && (charge.first_seq..until).contains(&line.seq)
        };
        for line in lines.iter().filter(its) {
            let sum = match line.kind {
                TransferKind::Charge => &mut moved.paid,
                TransferKind::Loss => &mut moved.lost,
                _ => continue,
            };
            *sum = Amount::from_nanos(sum.nanos().saturating_add(line.amount.nanos()));
            moved.transfers += 1;
        }
        moved
    }
}
