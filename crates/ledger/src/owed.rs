//! What a wallet owes, and what repays it.
//!
//! When the bank takes a payment back whose credits were spent, the wallet owes them. Purchases repay that
//! before they add anything, and so does whatever returns to a grant whose payment was taken back: it was
//! counted as spent. Credits from elsewhere are left alone.

use units::{Amount, GrantId, Instant};

use crate::{Account, Changes, Issue, Source, TransferKind, Wallet, journal};

/// A purchase came in: what is owed is taken from it first.
pub(crate) fn repay_from_purchase(wallet: &mut Wallet, changes: &mut Changes, issue: &Issue, now: Instant) {
    if issue.paid && matches!(issue.source, Source::Purchase | Source::AutoTopUp) {
        repay(wallet, changes, issue.grant, now);
        wallet.drop_empty_grants();
    }
}

/// Something may have returned to grants whose payment was taken back.
pub(crate) fn repay_from_lost(wallet: &mut Wallet, changes: &mut Changes, now: Instant) {
    if wallet.receivable.is_zero() {
        return;
    }
    let lost: Vec<GrantId> = wallet.grants().iter().filter(|grant| grant.marks.is_lost).map(|grant| grant.id).collect();
    for grant in lost {
        repay(wallet, changes, grant, now);
    }
    wallet.drop_empty_grants();
}

fn repay(wallet: &mut Wallet, changes: &mut Changes, grant: GrantId, now: Instant) {
    let amount = wallet.grant_mut(grant).unheld().min(wallet.receivable);
    if amount.is_positive() {
        let repaid = (now, TransferKind::Repayment, amount, grant.uuid().into_bytes());
        journal::draw(wallet, changes, grant, Account::Receivable, repaid);
        let owed = wallet.receivable.checked_sub(amount).expect("at most what is owed");
        owe(wallet, changes, owed);
    }
}

/// Sets what the wallet owes.
pub(crate) fn owe(wallet: &mut Wallet, changes: &mut Changes, owed: Amount) {
    wallet.receivable = owed;
    changes.receivables.insert(wallet.id, owed);
}
