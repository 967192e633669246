//! A hold ends without a charge: by its caller, or by the sweeper once its lease ran out.

use units::{Amount, HoldId, Instant};

use crate::{Changes, Fate, Freed, Lease, Outcome, Refusal, Wallet, expire, owed};

pub(crate) fn release(
    wallet: &mut Wallet,
    changes: &mut Changes,
    hold: HoldId,
    now: Instant,
) -> Result<Outcome, Refusal> {
    if wallet.hold(hold).is_some() {
        let amount = free(wallet, changes, hold, Fate::Released, now);
        return Ok(Outcome::Released(Freed { amount, available: wallet.available(now) }));
    }
    match wallet.fate(hold) {
        // Released again, or after the sweeper was faster: the caller has what it wants.
        Some(Fate::Released | Fate::Lapsed) => {
            Ok(Outcome::Released(Freed { amount: Amount::ZERO, available: wallet.available(now) }))
        }
        Some(fate @ Fate::Settled(_)) => Err(Refusal::HoldClosed { hold, how: fate.name() }),
        None => Err(Refusal::HoldUnknown { hold }),
    }
}

/// Closes the hold if its lease ran out. A hold that ended or was renewed meanwhile is left alone.
pub(crate) fn lapse(wallet: &mut Wallet, changes: &mut Changes, hold: HoldId, now: Instant) -> Outcome {
    let has_run_out = wallet.hold(hold).is_some_and(|open| open.lease_until <= now);
    let amount = match has_run_out {
        true => free(wallet, changes, hold, Fate::Lapsed, now),
        false => Amount::ZERO,
    };
    Outcome::Lapsed(Freed { amount, available: wallet.available(now) })
}

pub(crate) fn renew(wallet: &mut Wallet, changes: &mut Changes, lease: Lease) -> Result<Outcome, Refusal> {
    let Some(hold) = wallet.hold(lease.hold) else {
        return Err(match wallet.fate(lease.hold) {
            Some(fate) => Refusal::HoldClosed { hold: lease.hold, how: fate.name() },
            None => Refusal::HoldUnknown { hold: lease.hold },
        });
    };
    // A late heartbeat never shortens a lease.
    if lease.until > hold.lease_until {
        wallet.renew_lease(lease.hold, lease.until);
        changes.lease_renewed(wallet.id, lease.hold, lease.until);
    }
    Ok(Outcome::Renewed)
}

fn free(wallet: &mut Wallet, changes: &mut Changes, hold: HoldId, fate: Fate, now: Instant) -> Amount {
    expire::book_due(wallet, changes, now);
    let closed = wallet.close_hold(hold).expect("the caller looked");
    changes.hold_closed(&closed);
    changes.ended.push((wallet.id, hold, fate.clone()));
    wallet.learn_fate(hold, fate);
    owed::repay_from_lost(wallet, changes, now);
    expire::book_freed(wallet, changes, now);
    closed.amount()
}
