//! A hold becomes a charge of the exact cost; what is left of it returns to the wallet.
//!
//! The cost is paid first from the grants that were held for it, also when they have expired since;
//! then from whatever is available; and what even that cannot cover is the platform's loss. The
//! wallet stops at zero.

use units::{Amount, Cost, Instant};

use crate::journal::{self, Move};
use crate::{
    Account, Changes, Charge, Draw, Fate, Hold, LateSettle, Outcome, Refusal, Settle, Settled, TransferKind, Wallet,
    expire, owed,
};

/// No single request costs a million dollars. A cost above it is a broken price or a broken report.
const LARGEST_COST: Amount = Amount::from_dollars(1_000_000);

pub(crate) fn settle(
    wallet: &mut Wallet,
    changes: &mut Changes,
    settle: &Settle,
    now: Instant,
) -> Result<Outcome, Refusal> {
    if settle.cost.is_negative() || settle.cost > Cost::from(LARGEST_COST) {
        return Err(Refusal::AmountOutOfRange {
            what: "the cost",
            given: settle.cost.to_string(),
            allowed: format!("0 to {LARGEST_COST}"),
        });
    }
    if wallet.hold(settle.hold).is_none() {
        match (wallet.fate(settle.hold), settle.late) {
            (Some(Fate::Settled(charge)), _) if charge.cost == settle.cost => {
                return Ok(answer(wallet, changes, &charge.clone(), now));
            }
            (None, LateSettle::Refuse) => return Err(Refusal::HoldUnknown { hold: settle.hold }),
            (None | Some(Fate::Lapsed), LateSettle::Charge) => {}
            (Some(fate), _) => return Err(Refusal::HoldClosed { hold: settle.hold, how: fate.name() }),
        }
    }

    expire::book_due(wallet, changes, now);
    let charge = charge(wallet, changes, settle, now);
    owed::repay_from_lost(wallet, changes, now);
    expire::book_freed(wallet, changes, now);
    let outcome = answer(wallet, changes, &charge, now);
    wallet.learn_fate(charge.id, Fate::Settled(charge.clone()));
    changes.charges.push(charge);
    Ok(outcome)
}

fn charge(wallet: &mut Wallet, changes: &mut Changes, settle: &Settle, now: Instant) -> Charge {
    let (debit, remainder) = wallet.remainder.carry(settle.cost).expect("a sane cost can be counted");
    wallet.remainder = remainder;
    let hold = wallet.close_hold(settle.hold);
    if let Some(hold) = &hold {
        changes.hold_closed(hold);
    }
    let first_seq = wallet.head.seq + 1;
    let mut missing = debit;
    for draw in reserved_first(wallet, hold.as_ref(), debit, now) {
        let paid = (now, TransferKind::Charge, draw.amount, settle.hold.uuid().into_bytes());
        journal::draw(wallet, changes, draw.grant, Account::Revenue, paid);
        missing = missing.checked_sub(draw.amount).expect("draws pay at most the debit");
    }
    if missing.is_positive() {
        let loss = Move {
            at: now,
            kind: TransferKind::Loss,
            from: Account::Loss,
            to: Account::Revenue,
            amount: missing,
            reference: settle.hold.uuid().into_bytes(),
        };
        journal::post(wallet, changes, loss);
    }
    Charge {
        id: settle.hold,
        wallet: wallet.id,
        at: now,
        cost: settle.cost,
        debited: debit.checked_sub(missing).expect("missing is part of the debit"),
        lost: missing,
        held: hold.map_or(Amount::ZERO, |hold| hold.amount()),
        first_seq,
        transfers: u32::try_from(wallet.head.seq + 1 - first_seq).expect("a wallet has fewer live grants"),
    }
}

/// Who pays: the grants of the hold in their order, then what else is available. Each grant is named once.
fn reserved_first(wallet: &Wallet, hold: Option<&Hold>, debit: Amount, now: Instant) -> Vec<Draw> {
    let mut missing = debit;
    let mut draws: Vec<Draw> = Vec::new();
    for reserved in hold.iter().flat_map(|hold| &hold.draws) {
        let amount = reserved.amount.min(missing);
        if amount.is_positive() {
            draws.push(Draw { grant: reserved.grant, amount });
            missing = missing.checked_sub(amount).expect("at most what is missing");
        }
    }
    for grant in wallet.grants() {
        if !missing.is_positive() {
            break;
        }
        let taken = draws.iter_mut().find(|draw| draw.grant == grant.id);
        let given = taken.as_ref().map_or(Amount::ZERO, |draw| draw.amount);
        let free = grant.available(now).checked_sub(given).unwrap_or(Amount::ZERO);
        let more = free.min(missing);
        if !more.is_positive() {
            continue;
        }
        match taken {
            Some(draw) => draw.amount = draw.amount.checked_add(more).expect("at most what is left"),
            None => draws.push(Draw { grant: grant.id, amount: more }),
        }
        missing = missing.checked_sub(more).expect("at most what is missing");
    }
    draws
}

/// The answer to a settlement, the first time and every time after. Draws are read from the transfers
/// of this batch; for a replay of an older charge the store has them, and the answer leaves them out.
fn answer(wallet: &Wallet, changes: &Changes, charge: &Charge, now: Instant) -> Outcome {
    let reference = charge.id.uuid().into_bytes();
    let draws = changes
        .transfers
        .iter()
        .rev()
        .take_while(|transfer| transfer.wallet != wallet.id || transfer.seq >= charge.first_seq)
        .filter(|transfer| transfer.wallet == wallet.id && transfer.reference == reference)
        .filter(|transfer| transfer.kind == TransferKind::Charge)
        .filter_map(|transfer| transfer.from.grant().map(|grant| Draw { grant, amount: transfer.amount }));
    let mut draws: Vec<Draw> = draws.collect();
    draws.reverse();
    Outcome::Settled(Settled {
        debited: charge.debited,
        lost: charge.lost,
        draws,
        available: wallet.available(now),
        balance: wallet.balance(now),
    })
}
