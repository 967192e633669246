//! A charge was wrong: it is unwound from its end.
//!
//! What was booked last is undone first: the platform's loss, then the draws from the last grant to the
//! first. Credits return to the grants that gave them. On a grant that has expired since they are gone at
//! once, and on one whose payment the bank took back they repay what is owed for it.

use units::{Amount, GrantId, Instant};

use crate::journal::{self, Move};
use crate::{
    Account, Changes, Charge, Correct, Corrected, Correction, Draw, Outcome, Past, Refusal, TransferKind, Wallet,
    expire, issue, owed,
};

pub(crate) fn correct(
    wallet: &mut Wallet,
    changes: &mut Changes,
    past: &Past,
    asked: &Correct,
    now: Instant,
) -> Result<Outcome, Refusal> {
    let charge = past.charge.as_ref().ok_or(Refusal::ChargeUnknown { charge: asked.charge })?;
    if let Some(index) = past.corrections.iter().position(|known| known.id == asked.correction) {
        return match past.corrections[index].amount == asked.amount {
            true => Ok(answer(wallet, &unwind(past, charge, sum(&past.corrections[..index]), asked.amount), now)),
            false => Err(Refusal::id_taken(asked.correction)),
        };
    }
    let before = sum(&past.corrections);
    let taken = charge.debited.checked_add(charge.lost).expect("a sane cost can be counted");
    let correctable = taken.checked_sub(before).expect("corrections are bounded by their charge");
    if !asked.amount.is_positive() {
        return Err(Refusal::AmountOutOfRange {
            what: "the correction",
            given: asked.amount.to_string(),
            allowed: "more than 0".to_owned(),
        });
    }
    if asked.amount > correctable {
        return Err(Refusal::CorrectionTooLarge { asked: asked.amount, correctable });
    }
    issue::refuse_too_much(wallet, "the correction", asked.amount, now)?;

    expire::book_due(wallet, changes, now);
    let first_seq = wallet.head.seq + 1;
    let undone = unwind(past, charge, before, asked.amount);
    for (grant, amount) in &undone {
        give_back(wallet, changes, asked, *grant, *amount, now);
    }
    changes.corrections.push(Correction {
        id: asked.correction,
        wallet: wallet.id,
        charge: asked.charge,
        at: now,
        amount: asked.amount,
        first_seq,
        transfers: undone.len() as u32,
    });
    owed::repay_from_lost(wallet, changes, now);
    expire::book_freed(wallet, changes, now);
    Ok(answer(wallet, &undone, now))
}

/// What is undone by a correction of this amount after `before` was: nothing stands for the loss.
fn unwind(past: &Past, charge: &Charge, before: Amount, amount: Amount) -> Vec<(Option<GrantId>, Amount)> {
    let loss = (None, charge.lost);
    let draws = past.draws.iter().rev().map(|draw| (Some(draw.grant), draw.amount));
    let (mut passed, mut missing) = (before, amount);
    let mut undone = Vec::new();
    for (grant, whole) in std::iter::once(loss).chain(draws) {
        let skipped = passed.min(whole);
        passed = passed.checked_sub(skipped).expect("at most what is to be passed");
        let part = whole.checked_sub(skipped).expect("at most the whole").min(missing);
        if part.is_positive() {
            missing = missing.checked_sub(part).expect("at most what is missing");
            undone.push((grant, part));
        }
    }
    assert!(missing.is_zero(), "charge {} was paid by less than it says", charge.id);
    undone
}

fn give_back(
    wallet: &mut Wallet,
    changes: &mut Changes,
    asked: &Correct,
    grant: Option<GrantId>,
    amount: Amount,
    now: Instant,
) {
    let (kind, reference) = (TransferKind::Correction, asked.correction.uuid().into_bytes());
    match grant {
        Some(grant) => journal::give_back(wallet, changes, grant, Account::Revenue, (now, kind, amount, reference)),
        None => {
            let (from, to) = (Account::Revenue, Account::Loss);
            journal::post(wallet, changes, Move { at: now, kind, from, to, amount, reference });
        }
    }
}

fn sum(corrections: &[Correction]) -> Amount {
    corrections.iter().map(|correction| correction.amount).sum()
}

fn answer(wallet: &Wallet, undone: &[(Option<GrantId>, Amount)], now: Instant) -> Outcome {
    let loss = undone.iter().filter(|(grant, _)| grant.is_none()).map(|(_, amount)| *amount);
    let draws = undone.iter().filter_map(|(grant, amount)| grant.map(|grant| Draw { grant, amount: *amount }));
    Outcome::Corrected(Corrected {
        loss_undone: loss.sum(),
        returned: draws.collect(),
        available: wallet.available(now),
    })
}
