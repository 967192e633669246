//! Credits enter a wallet.

use units::{Amount, Instant};

use crate::journal::{self, Move};
use crate::{Account, Changes, Grant, Granted, Issue, Marks, Outcome, Refusal, TransferKind, Wallet, expire, owed};

/// The most that one grant may bring, and one wallet may hold: far above any honest purchase, far below
/// what 64 bits can count, so that sums of balances cannot overflow.
pub(crate) const LARGEST: Amount = Amount::from_dollars(1_000_000_000);

pub(crate) fn issue(
    wallet: &mut Wallet,
    changes: &mut Changes,
    issue: &Issue,
    now: Instant,
) -> Result<Outcome, Refusal> {
    refuse_too_much(wallet, "the grant's amount", issue.amount, now)?;
    if wallet.grants().iter().any(|grant| grant.id == issue.grant) {
        return Err(Refusal::id_taken(issue.grant));
    }
    if issue.expires_at.is_some_and(|end| end <= issue.effective_at || end <= now) {
        return Err(Refusal::ExpiryBeforeStart { grant: issue.grant });
    }

    expire::book_due(wallet, changes, now);
    enter(wallet, changes, issue, now);
    owed::repay_from_purchase(wallet, changes, issue, now);
    Ok(Outcome::Granted(Granted { grant: issue.grant, available: wallet.available(now) }))
}

/// Refuses what would take a wallet beyond what can be counted.
pub(crate) fn refuse_too_much(
    wallet: &Wallet,
    what: &'static str,
    amount: Amount,
    now: Instant,
) -> Result<(), Refusal> {
    // Expired credits are gone, booked or not: the answer must not depend on when the expiry job ran.
    let kept = wallet.grants().iter().map(|grant| if grant.has_expired(now) { grant.held } else { grant.left });
    let after = kept.sum::<Amount>().checked_add(amount);
    match amount.is_positive() && after.is_ok_and(|total| total <= LARGEST) {
        true => Ok(()),
        false => Err(Refusal::AmountOutOfRange {
            what,
            given: amount.to_string(),
            allowed: format!("more than 0, and the wallet at most {LARGEST} in all"),
        }),
    }
}

/// Books a grant that was found in order.
pub(crate) fn enter(wallet: &mut Wallet, changes: &mut Changes, issue: &Issue, now: Instant) {
    let grant = Grant {
        id: issue.grant,
        source: issue.source,
        amount: issue.amount,
        left: issue.amount,
        held: Amount::ZERO,
        marks: Marks::default(),
        paid: issue.paid,
        effective_at: issue.effective_at,
        expires_at: issue.expires_at,
    };
    changes.issued.insert((wallet.id, grant.id), grant.clone());
    wallet.insert_grant(grant);
    let from = if issue.paid { Account::Cash } else { Account::Promotions };
    let movement = Move {
        at: now,
        kind: TransferKind::Grant,
        from,
        to: Account::Grant(issue.grant),
        amount: issue.amount,
        reference: issue.grant.uuid().into_bytes(),
    };
    journal::post(wallet, changes, movement);
}
