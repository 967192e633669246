//! A payment is contested at the bank: what is left of its credits is frozen until that is decided.
//!
//! Won, they thaw. Lost, the bank has taken the payment back: what is left goes, and so does what the
//! platform kept because it expired or was taken away; what was spent becomes a receivable. What is held
//! counts as spent until it is freed; then it repays. Events may come twice and out of order: a dispute
//! that has ended is not opened by a late event, and one that nobody saw opening can end.

use units::{Amount, Instant};

use crate::journal::{self, Move};
use crate::{
    Account, Changes, Contest, Contested, Dispute, DisputeState, Grant, Outcome, Past, Refusal, TransferKind, Wallet,
    expire, issue, owed,
};

pub(crate) fn contest(
    wallet: &mut Wallet,
    changes: &mut Changes,
    past: &Past,
    asked: &Contest,
    now: Instant,
) -> Result<Outcome, Refusal> {
    if let Some(known) = &past.dispute {
        if known.grant != asked.grant {
            return Err(Refusal::id_taken(asked.dispute));
        }
        if known.state == asked.state || asked.state == DisputeState::Open {
            return Ok(answer(wallet, known.state, asked, now));
        }
        if known.state != DisputeState::Open {
            return Err(Refusal::DisputeClosed { dispute: asked.dispute, how: known.state.name() });
        }
    }
    let grant = wallet.find_payment(asked.grant)?;
    let is_lost_now = asked.state == DisputeState::Lost && !grant.marks.is_lost;
    let spent = amount_spent(grant);
    if is_lost_now {
        refuse_debt(wallet.receivable, spent)?;
    }

    expire::book_due(wallet, changes, now);
    if is_lost_now {
        take_back(wallet, changes, asked, spent, now);
    }
    journal::mark(wallet, changes, asked.grant, |marks| {
        match (&past.dispute, asked.state) {
            (None, DisputeState::Open) => marks.disputes += 1,
            (None, _) => {}
            (Some(_), _) => marks.disputes -= 1,
        }
        marks.is_lost |= is_lost_now;
    });
    let dispute = Dispute { id: asked.dispute, wallet: wallet.id, grant: asked.grant, state: asked.state };
    changes.disputes.insert((wallet.id, dispute.id), dispute);
    owed::repay_from_lost(wallet, changes, now);
    Ok(answer(wallet, asked.state, asked, now))
}

/// What of the grant was spent, or is held for requests and refunds that run.
fn amount_spent(grant: &Grant) -> Amount {
    let marks = &grant.marks;
    [marks.refunded, marks.expired, marks.taken, grant.unheld()]
        .into_iter()
        .fold(grant.amount, |rest, part| rest.checked_sub(part).expect("nothing leaves a grant that did not enter it"))
}

fn refuse_debt(owed: Amount, more: Amount) -> Result<(), Refusal> {
    match owed.checked_add(more) {
        Ok(sum) if sum <= issue::LARGEST => Ok(()),
        _ => Err(Refusal::AmountOutOfRange {
            what: "what the wallet would owe",
            given: format!("{owed} and {more}"),
            allowed: format!("at most {} in all", issue::LARGEST),
        }),
    }
}

/// The whole payment leaves: from the grant, from what was booked of it beside charges, and from the holder.
fn take_back(wallet: &mut Wallet, changes: &mut Changes, asked: &Contest, spent: Amount, now: Instant) {
    let reference = asked.dispute.uuid().into_bytes();
    let grant = wallet.grant_mut(asked.grant);
    let (left, expired, taken) = (grant.unheld(), grant.marks.expired, grant.marks.taken);
    if left.is_positive() {
        let removed = (now, TransferKind::Dispute, left, reference);
        journal::draw(wallet, changes, asked.grant, Account::Cash, removed);
    }
    for (from, amount) in [(Account::Breakage, expired), (Account::Promotions, taken), (Account::Receivable, spent)] {
        if amount.is_positive() {
            let (kind, to) = (TransferKind::Dispute, Account::Cash);
            journal::post(wallet, changes, Move { at: now, kind, from, to, amount, reference });
        }
    }
    if spent.is_positive() {
        let owed = wallet.receivable.checked_add(spent).expect("just compared");
        owed::owe(wallet, changes, owed);
    }
}

fn answer(wallet: &Wallet, state: DisputeState, asked: &Contest, now: Instant) -> Outcome {
    let frozen = wallet.find_grant(asked.grant).map(|grant| grant.frozen(now));
    Outcome::Contested(Contested {
        state,
        frozen: frozen.unwrap_or_default(),
        receivable: wallet.receivable,
        available: wallet.available(now),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It takes a thousand of the dearest requests to get there, so no story does.
    #[test]
    fn nobody_owes_more_than_a_wallet_may_have() {
        let (most, least) = (issue::LARGEST, Amount::from_nanos(1));
        let below = most.checked_sub(least).unwrap();
        assert_eq!(refuse_debt(below, least), Ok(()));
        assert_eq!(refuse_debt(Amount::ZERO, most), Ok(()));
        for (owed, more) in [(most, least), (least, most), (Amount::from_nanos(i64::MAX), most)] {
            assert_eq!(refuse_debt(owed, more).unwrap_err().code(), "amount_out_of_range");
        }
    }
}
