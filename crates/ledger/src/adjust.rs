//! An operator's signed correction. Available never goes below zero by it.

use units::{Amount, Instant};

use crate::{
    Account, Adjust, Adjusted, Changes, Issue, Outcome, Refusal, Source, TransferKind, Wallet, expire, issue, journal,
};

pub(crate) fn adjust(
    wallet: &mut Wallet,
    changes: &mut Changes,
    adjust: &Adjust,
    now: Instant,
) -> Result<Outcome, Refusal> {
    if adjust.amount.is_positive() {
        let added = Issue {
            grant: adjust.grant,
            source: Source::Operator,
            amount: adjust.amount,
            paid: false,
            effective_at: now,
            expires_at: None,
        };
        issue::issue(wallet, changes, &added, now)?;
    } else {
        take(wallet, changes, adjust, now)?;
    }
    Ok(Outcome::Adjusted(Adjusted { amount: adjust.amount, available: wallet.available(now) }))
}

fn take(wallet: &mut Wallet, changes: &mut Changes, adjust: &Adjust, now: Instant) -> Result<(), Refusal> {
    let amount = match adjust.amount.negated() {
        Ok(amount) if amount.is_positive() => amount,
        _ => {
            return Err(Refusal::AmountOutOfRange {
                what: "the adjustment",
                given: adjust.amount.to_string(),
                allowed: "other than zero".to_owned(),
            });
        }
    };
    let available = wallet.available(now);
    if available < amount {
        return Err(Refusal::InsufficientCredits { needed: amount, available });
    }
    expire::book_due(wallet, changes, now);
    for draw in journal::plan_available(wallet, amount, now) {
        journal::mark(wallet, changes, draw.grant, |marks| journal::add_part(&mut marks.taken, draw.amount));
        let taken = (now, TransferKind::Adjustment, draw.amount, adjust.grant.uuid().into_bytes());
        journal::draw(wallet, changes, draw.grant, Account::Promotions, taken);
    }
    wallet.drop_empty_grants();
    debug_assert_eq!(wallet.available(now).checked_add(amount), Ok::<Amount, _>(available));
    Ok(())
}
