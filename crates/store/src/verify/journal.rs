//! The chain of transfers, and the grants and holds that stand on it.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::{Account, Auditor, Grant, Transfer, TransferKind};
use units::{Amount, GrantId, WalletId};

use super::findings::{Findings, without_wallet};
use super::segments::Kept;
use super::{Checked, ROWS_A_PAGE, Wrong, amendments, different};
use crate::books::{self, Head};
use crate::reader::list_transfers;
use crate::rows::{ACCOUNTS, place};
use crate::session::Session;

/// What the journal says.
pub(super) struct Journal {
    auditor: Auditor,
    pub transfers: u64,
    /// How many of them charge a request or book its loss.
    pub of_charges: u64,
    /// What moved into each account by day; all grants are one account.
    pub accounts: BTreeMap<i64, [i128; ACCOUNTS]>,
    /// How many of them give back a charge.
    pub of_corrections: u64,
    /// What each grant brought, and whether money paid for it; one that was moved says so itself.
    issued: HashMap<GrantId, (Amount, Option<bool>)>,
    /// What left each grant otherwise than by charges.
    left_by: HashMap<(GrantId, TransferKind), Amount>,
}

impl Journal {
    pub(super) fn platform(&self) -> BTreeMap<Account, i128> {
        self.auditor.platform().iter().map(|(account, nanos)| (*account, *nanos)).collect()
    }

    /// What the transfers say is owed, in nanodollars.
    pub(super) fn owed(&self) -> i128 {
        -self.auditor.platform().get(&Account::Receivable).copied().unwrap_or_default()
    }

    /// What left a grant in this way.
    pub(super) fn left_by(&self, grant: GrantId, kind: TransferKind) -> Amount {
        self.left_by.get(&(grant, kind)).copied().unwrap_or_default()
    }

    fn take(&mut self, transfer: &Transfer, next: Option<&Transfer>, findings: &mut Findings) {
        let before = self.auditor.head();
        if let Err(found) = self.auditor.take(transfer) {
            findings.wrong(found, before, transfer, next);
        }
        let day = i64::from(transfer.at.day().number());
        let nanos = i128::from(transfer.amount.nanos());
        let accounts = self.accounts.entry(day).or_default();
        accounts[place(transfer.from)] -= nanos;
        accounts[place(transfer.to)] += nanos;
        self.transfers += 1;
        self.of_charges += u64::from(matches!(transfer.kind, TransferKind::Charge | TransferKind::Loss));
        self.of_corrections += u64::from(transfer.kind == TransferKind::Correction);
        let is_paid = Some(transfer.from == Account::Cash);
        match (transfer.kind, transfer.from, transfer.to) {
            (TransferKind::Grant, _, Account::Grant(grant)) => {
                self.issued.insert(grant, (transfer.amount, is_paid));
            }
            (TransferKind::Move, _, Account::Grant(grant)) => {
                self.issued.insert(grant, (transfer.amount, None));
            }
            (TransferKind::Refund | TransferKind::Expiry | TransferKind::Adjustment, Account::Grant(grant), _) => {
                let sum = self.left_by.entry((grant, transfer.kind)).or_default();
                *sum = Amount::from_nanos(sum.nanos().saturating_add(transfer.amount.nanos()));
            }
            // A refund that its card did not take.
            (TransferKind::Refund, _, Account::Grant(grant)) => {
                let sum = self.left_by.entry((grant, transfer.kind)).or_default();
                *sum = Amount::from_nanos(sum.nanos().saturating_sub(transfer.amount.nanos()));
            }
            _ => {}
        }
    }
}

/// Reads the journal from its first transfer to its last, and goes on behind whatever is wrong.
pub(super) async fn walk(
    session: &mut Session<'_>,
    id: WalletId,
    findings: &mut Findings,
    rows: &AtomicU64,
) -> Checked<Journal> {
    let mut journal = Journal {
        auditor: Auditor::new(id),
        transfers: 0,
        of_charges: 0,
        accounts: BTreeMap::new(),
        of_corrections: 0,
        issued: HashMap::new(),
        left_by: HashMap::new(),
    };
    let mut kept = Kept::load(session, id).await?;
    let mut after = 0;
    loop {
        // The journal is read by its own seq: a row that is missing shows as a gap.
        let page = list_transfers(session, id, after, ROWS_A_PAGE).await?;
        // The last one of a full page is read again with the next: what was done to it can show in the one behind.
        let has_more = page.len() == ROWS_A_PAGE as usize;
        let taken = &page[..page.len() - usize::from(has_more)];
        for (index, transfer) in taken.iter().enumerate() {
            journal.take(transfer, page.get(index + 1), findings);
            kept.take(session, transfer, findings).await?;
        }
        rows.fetch_add(taken.len() as u64, Ordering::Relaxed);
        match taken.last() {
            Some(last) if has_more => after = last.seq,
            _ => break,
        }
    }
    findings.note(kept.finish(journal.auditor.head().seq))?;
    Ok(journal)
}

/// Compares what the journal says with the wallet's own row, its grants and its open holds.
pub(super) async fn check_end(session: &mut Session<'_>, id: WalletId, head: &Head, journal: &Journal) -> Checked<()> {
    let grants = list_grants(session, id).await?;
    let stored = grants.iter().map(|grant| (grant.id, grant.left));
    let finished = journal.auditor.finish(head.head, stored);
    finished.map_err(|found| Wrong::Different(without_wallet(&found, id)))?;
    if journal.auditor.head().at != head.head.at {
        return different("the wallet and its last transfer disagree about the time of the last transfer");
    }
    let is_told = |grant: &Grant| {
        let told = journal.issued.get(&grant.id);
        told.is_some_and(|(amount, paid)| *amount == grant.amount && paid.is_none_or(|paid| paid == grant.paid))
    };
    let untold = |grant: &&Grant| !is_told(grant);
    if let Some(grant) = grants.iter().find(untold) {
        return different(format!("grant {} does not say what the journal says it brought", grant.id));
    }
    check_holds(session, id, &grants).await?;
    amendments::check(session, id, head, journal, &grants).await
}

pub(super) async fn list_grants(session: &mut Session<'_>, id: WalletId) -> Checked<Vec<Grant>> {
    let sql = format!("SELECT {} FROM grants WHERE wallet = $1", books::GRANT);
    let rows = session.query(&sql, &[id.into()]).await?;
    rows.into_iter().map(|mut row| Ok(books::grant(&mut row)?.1)).collect()
}

/// Open holds and refunds reserve no more than is left, and holds have not ended.
async fn check_holds(session: &mut Session<'_>, id: WalletId, grants: &[Grant]) -> Checked<()> {
    let left: HashMap<GrantId, Amount> = grants.iter().map(|grant| (grant.id, grant.left)).collect();
    let refunding = |grant: &Grant| (grant.id, i128::from(grant.marks.refunding.nanos()));
    let mut held: HashMap<GrantId, i128> = grants.iter().map(refunding).collect();
    for hold in books::open_holds(session, id).await? {
        for draw in hold.draws {
            let sum = held.entry(draw.grant).or_default();
            *sum += i128::from(draw.amount.nanos());
            let least = left.get(&draw.grant).copied().unwrap_or_default();
            if !draw.amount.is_positive() || *sum > i128::from(least.nanos()) {
                return different(format!(
                    "open holds reserve more than is left on {}; {} is one",
                    draw.grant, hold.id
                ));
            }
        }
    }
    for (table, how) in [("charges", "charged"), ("ended_holds", "ended")] {
        let sql = format!(
            "SELECT h.id FROM open_holds h JOIN {table} e ON e.wallet = h.wallet AND e.id = h.id WHERE h.wallet = $1"
        );
        if let Some(mut row) = session.find(&sql, &[id.into()]).await? {
            return different(format!("hold {} is open and was {how}", row.take::<units::HoldId>()?));
        }
    }
    Ok(())
}
