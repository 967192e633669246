//! Refunds, disputes, corrections and debts, against the journal and the marks on the grants.

use std::collections::HashMap;

use ledger::{DisputeState, Grant, Marks, RefundState, TransferKind};
use units::{Amount, GrantId, HoldId, WalletId};

use super::journal::Journal;
use super::{Checked, different};
use crate::books::Head;
use crate::past;
use crate::session::Session;

/// What each grant must be marked with, and what is owed.
pub(super) async fn check(
    session: &mut Session<'_>,
    id: WalletId,
    head: &Head,
    journal: &Journal,
    grants: &[Grant],
) -> Checked<()> {
    let owed = journal.owed();
    if i128::from(head.receivable.nanos()) != owed {
        return different(format!("the wallet says it owes {}, its transfers say {owed} nanodollars", head.receivable));
    }
    let mut due: HashMap<GrantId, Marks> = HashMap::new();
    for grant in grants {
        let marks = due.entry(grant.id).or_default();
        marks.refunded = journal.left_by(grant.id, TransferKind::Refund);
        marks.expired = journal.left_by(grant.id, TransferKind::Expiry);
        marks.taken = journal.left_by(grant.id, TransferKind::Adjustment);
    }
    let refunded = mark_refunds(session, id, &mut due).await?;
    mark_disputes(session, id, &mut due).await?;
    for grant in grants {
        let (found, due) = (grant.marks, due.get(&grant.id).copied().unwrap_or_default());
        if found != due {
            return different(format!("grant {} is marked {found:?}, what happened to it is {due:?}", grant.id));
        }
        if refunded.get(&grant.id).copied().unwrap_or_default() != found.refunded {
            return different(format!("the paid refunds of grant {} are not what its transfers say", grant.id));
        }
    }
    check_corrections(session, id, journal).await
}

async fn mark_refunds(
    session: &mut Session<'_>,
    id: WalletId,
    due: &mut HashMap<GrantId, Marks>,
) -> Checked<HashMap<GrantId, Amount>> {
    let mut paid: HashMap<GrantId, Amount> = HashMap::new();
    let sql = format!("SELECT {} FROM refunds WHERE wallet = $1", past::REFUND);
    for mut row in session.query(&sql, &[id.into()]).await? {
        let refund = past::refund(&mut row)?;
        let sum = match refund.state {
            RefundState::Reserved => &mut due.entry(refund.grant).or_default().refunding,
            RefundState::Paid => paid.entry(refund.grant).or_default(),
            RefundState::Failed => continue,
        };
        *sum = [*sum, refund.amount].into_iter().sum();
    }
    Ok(paid)
}

async fn mark_disputes(session: &mut Session<'_>, id: WalletId, due: &mut HashMap<GrantId, Marks>) -> Checked<()> {
    let sql = format!("SELECT {} FROM disputes WHERE wallet = $1", past::DISPUTE);
    for mut row in session.query(&sql, &[id.into()]).await? {
        let dispute = past::dispute(&mut row)?;
        let marks = due.entry(dispute.grant).or_default();
        marks.disputes += u32::from(dispute.state == DisputeState::Open);
        marks.is_lost |= dispute.state == DisputeState::Lost;
    }
    Ok(())
}

/// Every correction has its transfers, and no charge gave back more than it took.
async fn check_corrections(session: &mut Session<'_>, id: WalletId, journal: &Journal) -> Checked<()> {
    let its = "FROM transfers t WHERE t.wallet = c.wallet AND t.seq >= c.first_seq \
               AND t.seq < c.first_seq + c.transfer_count AND t.reference = c.id AND t.moved_at = c.corrected_at \
               AND t.kind = 9";
    let sql = format!(
        "SELECT {}, (SELECT CAST(coalesce(sum(t.amount_nanos), 0) AS bigint) {its}), (SELECT count(*) {its}) \
         FROM corrections c WHERE c.wallet = $1",
        past::CORRECTION
    );
    let mut given_back: HashMap<HoldId, Amount> = HashMap::new();
    let mut transfers = 0;
    for mut row in session.query(&sql, &[id.into()]).await? {
        let correction = past::correction(&mut row)?;
        let (moved, count): (Amount, u32) = (row.take()?, row.take()?);
        if (correction.amount, correction.transfers) != (moved, count) {
            return different(format!(
                "correction {} says {} in {} transfers, the journal says {moved} in {count}",
                correction.id, correction.amount, correction.transfers
            ));
        }
        let sum = given_back.entry(correction.charge).or_default();
        *sum = [*sum, correction.amount].into_iter().sum();
        transfers += u64::from(count);
    }
    if transfers != journal.of_corrections {
        let all = journal.of_corrections;
        return different(format!(
            "corrections account for {transfers} transfers, the journal has {all} of corrections"
        ));
    }
    for (charge, sum) in given_back {
        let sql = "SELECT 1 FROM charges WHERE wallet = $1 AND id = $2 AND debited_nanos + lost_nanos >= $3";
        if session.find(sql, &[id.into(), charge.into(), sum.into()]).await?.is_none() {
            return different(format!("charge {charge} gave back {sum}, more than it took"));
        }
    }
    Ok(())
}
