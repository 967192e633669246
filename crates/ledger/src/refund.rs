//! A purchase goes back to its card, in two steps, since the processor works in between.
//!
//! First the credits are set aside on the one grant that the payment brought, like a hold: nothing else can
//! use them, so two refunds at once cannot exceed what is left. Then they are burned, or free again. What was
//! burned returns once more when the card does not take the money.

use units::{Amount, Instant, RefundId};

use crate::{
    Account, Changes, FinishRefund, Outcome, Past, Refund, RefundFinished, RefundReserved, RefundState, Refusal,
    ReserveRefund, TransferKind, Wallet, expire, issue, journal, owed,
};

pub(crate) fn reserve(
    wallet: &mut Wallet,
    changes: &mut Changes,
    past: &Past,
    asked: &ReserveRefund,
    now: Instant,
) -> Result<Outcome, Refusal> {
    if let Some(refund) = &past.refund {
        return match refund.state {
            _ if (refund.grant, refund.amount) != (asked.grant, asked.amount) => Err(Refusal::id_taken(asked.refund)),
            // Asked again, it must not be paid again: its credits are not set aside any more.
            RefundState::Paid | RefundState::Failed => Err(closed(refund)),
            RefundState::Reserved => Ok(reserved(wallet, asked.amount, now)),
        };
    }
    let grant = wallet.find_payment(asked.grant)?;
    if !asked.amount.is_positive() {
        return Err(Refusal::AmountOutOfRange {
            what: "the refund",
            given: asked.amount.to_string(),
            allowed: "more than 0".to_owned(),
        });
    }
    if grant.is_frozen() || grant.marks.is_lost {
        return Err(Refusal::GrantDisputed { grant: grant.id });
    }
    let refundable = if grant.has_expired(now) { Amount::ZERO } else { grant.unheld() };
    if asked.amount > refundable {
        return Err(Refusal::RefundTooLarge { asked: asked.amount, refundable });
    }

    journal::add_part(&mut wallet.grant_mut(asked.grant).held, asked.amount);
    journal::mark(wallet, changes, asked.grant, |marks| journal::add_part(&mut marks.refunding, asked.amount));
    let state = RefundState::Reserved;
    let refund = Refund { id: asked.refund, wallet: wallet.id, grant: asked.grant, amount: asked.amount, state };
    changes.refunds.insert((wallet.id, refund.id), refund);
    Ok(reserved(wallet, asked.amount, now))
}

pub(crate) fn finish(
    wallet: &mut Wallet,
    changes: &mut Changes,
    past: &Past,
    asked: &FinishRefund,
    now: Instant,
) -> Result<Outcome, Refusal> {
    let refund = past.refund.clone().ok_or(Refusal::RefundUnknown { refund: asked.refund })?;
    let state = if asked.is_paid { RefundState::Paid } else { RefundState::Failed };
    match refund.state {
        RefundState::Reserved => {}
        ended if ended == state => return Ok(finished(wallet, &refund, now)),
        RefundState::Paid => return come_back(wallet, changes, refund, now),
        RefundState::Failed => return Err(closed(&refund)),
    }

    expire::book_due(wallet, changes, now);
    let grant = wallet.grant_mut(refund.grant);
    grant.held = grant.held.checked_sub(refund.amount).expect("a refund frees what it reserved");
    journal::mark(wallet, changes, refund.grant, |marks| {
        marks.refunding = marks.refunding.checked_sub(refund.amount).expect("a refund frees what it reserved");
        if asked.is_paid {
            journal::add_part(&mut marks.refunded, refund.amount);
        }
    });
    if asked.is_paid {
        let burned = (now, TransferKind::Refund, refund.amount, refund.id.uuid().into_bytes());
        journal::draw(wallet, changes, refund.grant, Account::Cash, burned);
        wallet.drop_empty_grants();
    } else {
        owed::repay_from_lost(wallet, changes, now);
        expire::book_freed(wallet, changes, now);
    }
    let refund = Refund { state, ..refund };
    let answer = finished(wallet, &refund, now);
    changes.refunds.insert((wallet.id, refund.id), refund);
    Ok(answer)
}

/// The card did not take the money: it is here again, and its credits return to their grant.
fn come_back(wallet: &mut Wallet, changes: &mut Changes, refund: Refund, now: Instant) -> Result<Outcome, Refusal> {
    issue::refuse_too_much(wallet, "the refund that came back", refund.amount, now)?;
    expire::book_due(wallet, changes, now);
    let returned = (now, TransferKind::Refund, refund.amount, refund.id.uuid().into_bytes());
    journal::give_back(wallet, changes, refund.grant, Account::Cash, returned);
    journal::mark(wallet, changes, refund.grant, |marks| {
        marks.refunded = marks.refunded.checked_sub(refund.amount).expect("what was refunded came back");
    });
    owed::repay_from_lost(wallet, changes, now);
    expire::book_freed(wallet, changes, now);
    let refund = Refund { state: RefundState::Failed, ..refund };
    let answer = finished(wallet, &refund, now);
    changes.refunds.insert((wallet.id, refund.id), refund);
    Ok(answer)
}

fn closed(refund: &Refund) -> Refusal {
    let (refund, how): (RefundId, _) = (refund.id, refund.state.how());
    Refusal::RefundClosed { refund, how }
}

fn reserved(wallet: &Wallet, amount: Amount, now: Instant) -> Outcome {
    Outcome::RefundReserved(RefundReserved { amount, available: wallet.available(now) })
}

fn finished(wallet: &Wallet, refund: &Refund, now: Instant) -> Outcome {
    let paid = if refund.state == RefundState::Paid { refund.amount } else { Amount::ZERO };
    Outcome::RefundFinished(RefundFinished { paid, available: wallet.available(now) })
}
