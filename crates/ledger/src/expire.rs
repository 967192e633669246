//! Expired credits are booked as breakage.
//!
//! Credits stop being spendable at their instant, whether or not anybody books it. Every change of a
//! wallet books first what fell due before it, dated at the instant of expiry, so the journal reads the
//! same whether the expiry job ran once, often or never. What is held is left alone: it still pays for
//! what it was held for, and what is freed later expires at once.

use units::{Amount, GrantId, Instant};

use crate::{Account, Changes, Freed, Outcome, TransferKind, Wallet, journal};

pub(crate) fn expire(wallet: &mut Wallet, changes: &mut Changes, now: Instant) -> Outcome {
    let amount = book_due(wallet, changes, now);
    Outcome::Expired(Freed { amount, available: wallet.available(now) })
}

/// Books everything unheld on grants whose expiry has come, each at its own instant.
pub(crate) fn book_due(wallet: &mut Wallet, changes: &mut Changes, now: Instant) -> Amount {
    book(wallet, changes, now, |expired_at| expired_at)
}

/// Books what was freed just now on grants that expired while it was held.
pub(crate) fn book_freed(wallet: &mut Wallet, changes: &mut Changes, now: Instant) -> Amount {
    book(wallet, changes, now, |_| now)
}

fn book(wallet: &mut Wallet, changes: &mut Changes, now: Instant, dated: impl Fn(Instant) -> Instant) -> Amount {
    // Grants stand in the order of their expiry, so the due ones come first and in order.
    let due: Vec<(GrantId, Instant, Amount)> = wallet
        .grants()
        .iter()
        .take_while(|grant| grant.has_expired(now))
        .filter(|grant| grant.unheld().is_positive())
        .filter_map(|grant| grant.expires_at.map(|end| (grant.id, end, grant.unheld())))
        .collect();
    for (grant, expired_at, amount) in &due {
        journal::mark(wallet, changes, *grant, |marks| journal::add_part(&mut marks.expired, *amount));
        let lost = (dated(*expired_at), TransferKind::Expiry, *amount, grant.uuid().into_bytes());
        journal::draw(wallet, changes, *grant, Account::Breakage, lost);
    }
    wallet.drop_empty_grants();
    due.into_iter().map(|(_, _, amount)| amount).sum()
}
