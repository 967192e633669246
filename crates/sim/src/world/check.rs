//! Compares the books with the model, and with the invariants that need no model.

use std::collections::HashMap;

use ledger::{Account, Charge, Command, Grant, Hold, Marks, Outcome, Refusal, Transfer, TransferKind, Wallet};
use units::{GrantId, Instant};

use super::Violation;
use crate::model::{Line, Model, Prediction, Refused, amount};
use crate::names;

pub(super) fn answer(answer: &Result<Outcome, Refusal>, predicted: &Prediction) -> Result<(), Violation> {
    let is_same = match (answer, &predicted.answer) {
        (Ok(found), Ok(due)) => found == due,
        (Err(found), Err(due)) => refused(found) == *due,
        _ => false,
    };
    same("the answer", is_same, || format!("{answer:?}, but {:?} was due", predicted.answer))
}

/// The numbers of a refusal are compared where the model has some; other messages are the stories' to read.
fn refused(refusal: &Refusal) -> Refused {
    let numbers = match refusal {
        Refusal::InsufficientCredits { needed, available } => Some((needed.nanos().into(), available.nanos().into())),
        Refusal::RefundTooLarge { asked, refundable: most }
        | Refusal::CorrectionTooLarge { asked, correctable: most } => Some((asked.nanos().into(), most.nanos().into())),
        _ => None,
    };
    Refused { code: refusal.code(), numbers }
}

pub(super) fn lines(transfers: &[Transfer], predicted: &Prediction) -> Result<(), Violation> {
    let found: Vec<Line> = transfers.iter().map(line_of).collect();
    same("the journal", found == predicted.lines, || {
        format!("{}\nbut due was\n{}", told(&found), told(&predicted.lines))
    })
}

/// A new charge says what its lines say, and where they stand.
pub(super) fn charge(
    charges: &[Charge],
    command: &Command,
    predicted: &Prediction,
    lines: &[Transfer],
) -> Result<(), Violation> {
    let (Command::Settle(settle), Ok(Outcome::Settled(settled))) = (command, &predicted.answer) else { return Ok(()) };
    if predicted.case == "again" {
        return Ok(());
    }
    let own: Vec<&Transfer> =
        lines.iter().filter(|line| matches!(line.kind, TransferKind::Charge | TransferKind::Loss)).collect();
    let found = charges.last().map(|charge| (charge.id, charge.cost, charge.debited, charge.lost, charge.transfers));
    let due = Some((settle.hold, settle.cost, settled.debited, settled.lost, own.len() as u32));
    let first = own.first().map(|line| (line.seq, line.at));
    let place = charges.last().map(|charge| (charge.first_seq, charge.at));
    let is_same = found == due && (first.is_none() || first == place);
    same("the charge", is_same, || format!("{:?}, but {due:?} from {first:?} was due", charges.last()))
}

fn told(lines: &[Line]) -> String {
    let lines = lines.iter().map(|line| {
        let (at, kind, amount, from, to) = (line.at, line.kind.name(), amount(line.nanos), line.from, line.to);
        format!("{at} {kind} {amount} {from:?} -> {to:?} for {}", names::name(line.reference))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn line_of(transfer: &Transfer) -> Line {
    Line {
        at: transfer.at,
        kind: transfer.kind,
        from: transfer.from,
        to: transfer.to,
        nanos: transfer.amount.nanos().into(),
        reference: uuid::Uuid::from_bytes(transfer.reference),
    }
}

/// The whole wallet, grant by grant and hold by hold.
pub(super) fn state(
    wallet: &Wallet,
    model: &Model,
    sums: &HashMap<Account, i128>,
    now: Instant,
) -> Result<(), Violation> {
    grants(wallet, model, sums)?;
    holds(wallet, model)?;
    debts(wallet, model, sums)?;
    let (available, held) = (model.heap.available(now), model.heap.held());
    let found = (wallet.available(now), wallet.held(), wallet.balance(now));
    let due = (amount(available), amount(held), amount(model.heap.balance(now)));
    same("available, held and balance (I4, I6)", found == due, || format!("{found:?}, but {due:?} was due"))?;
    same("available is never below zero (I4)", !found.0.is_negative(), || format!("{}", found.0))?;
    // Where the balance steps next: the last microsecond before it, and the instant itself.
    for moment in model.heap.grants().iter().flat_map(|facts| facts.until).filter(|until| *until > now).take(1) {
        for moment in [Instant::from_micros(moment.micros() - 1), moment] {
            let (found, due) = (wallet.available(moment), amount(model.heap.available(moment)));
            same("available at an expiry (I14)", found == due, || format!("{found} at {moment}, but {due} was due"))?;
        }
    }
    let remainder = i128::from(wallet.remainder.attos());
    same("debits differ from costs by less than a nanodollar (I12)", remainder == model.remainder(), || {
        format!("{remainder} attodollars are carried, but {} were due", model.remainder())
    })?;
    let head = (wallet.head.seq, wallet.head.at);
    let due = (model.lines, model.latest);
    same("the head of the journal (I2)", head == due, || format!("{head:?}, but {due:?} was due"))
}

fn grants(wallet: &Wallet, model: &Model, sums: &HashMap<Account, i128>) -> Result<(), Violation> {
    let facts = model.heap.grants();
    let mut total = 0;
    let is_same = wallet.grants().len() == facts.len()
        && wallet.grants().iter().zip(facts).all(|(grant, facts)| {
            let (left, held) = (i128::from(grant.left.nanos()), i128::from(grant.held.nanos()));
            total += left;
            let told = (facts.id, facts.source, facts.nanos, facts.paid, facts.from, facts.until);
            let kept = (grant.id, grant.source, grant.amount.nanos().into(), grant.paid, grant.effective_at);
            (kept.0, kept.1, kept.2, kept.3, kept.4, grant.expires_at) == told
                && left == model.heap.left(grant.id)
                && held == left - model.heap.on(grant.id, None)
                && 0 <= held
                && held <= left
                && left <= facts.nanos
                && marks(&grant.marks) == marks_due(grant.id, model)
                && sums.get(&Account::Grant(grant.id)) == Some(&left)
        });
    same("every grant (I3, I4)", is_same, || format!("{:#?}, but {:#?} was due", wallet.grants(), model.heap))?;
    let platform: i128 = Account::PLATFORM.iter().filter_map(|account| sums.get(account)).sum();
    same("the books sum to zero (I1)", platform + total == 0, || format!("{platform} and {total}"))
}

type MarksFound = (i128, [i128; 3], bool, bool);

fn marks(marks: &Marks) -> MarksFound {
    let parts = [marks.refunded, marks.expired, marks.taken].map(|part| i128::from(part.nanos()));
    (marks.refunding.nanos().into(), parts, marks.disputes > 0, marks.is_lost)
}

fn marks_due(grant: GrantId, model: &Model) -> MarksFound {
    let parts = [TransferKind::Refund, TransferKind::Expiry, TransferKind::Adjustment];
    let parts = parts.map(|kind| model.moved(grant, kind));
    (model.heap.for_cards(grant), parts, model.heap.frozen.contains(&grant), model.is_lost(grant))
}

/// What is owed is what the journal says, and nothing that could repay it lies about.
fn debts(wallet: &Wallet, model: &Model, sums: &HashMap<Account, i128>) -> Result<(), Violation> {
    let journal = -sums.get(&Account::Receivable).copied().unwrap_or_default();
    let found = i128::from(wallet.receivable.nanos());
    same("what is owed (I35)", found == model.owed && found == journal && found >= 0, || {
        format!("{found}, but {} was due and the journal says {journal}", model.owed)
    })?;
    let is_idle = |grant: &Grant| grant.marks.is_lost && grant.unheld().is_positive();
    same("what returns to a lost grant repays (I35)", found == 0 || !wallet.grants().iter().any(is_idle), || {
        format!("{found} are owed beside {:#?}", wallet.grants())
    })
}

fn holds(wallet: &Wallet, model: &Model) -> Result<(), Violation> {
    let is_same = wallet.holds().count() == model.open.len()
        && model.open.iter().all(|open| {
            let Some(hold) = wallet.hold(open.id) else { return false };
            let told = (open.id, open.wanted, open.least, open.placed_at, open.lease_until);
            (hold.id, hold.wanted, hold.least, hold.placed_at, hold.lease_until) == told
                && hold.wallet == wallet.id
                && has_draws(hold, model)
        });
    same("every open hold (I6)", is_same, || {
        format!("{:#?}, but {model:#?} was due", wallet.holds().collect::<Vec<_>>())
    })
}

fn has_draws(hold: &Hold, model: &Model) -> bool {
    let draws = hold.draws.iter().map(|draw| (draw.grant, i128::from(draw.amount.nanos())));
    let pieces = model.heap.grants().iter().map(|facts| (facts.id, model.heap.on(facts.id, Some(hold.id.into()))));
    draws.eq(pieces.filter(|(_, nanos)| *nanos > 0))
}

/// A hold that was placed just now left nothing on a grant that comes before one which it uses (I13), and
/// uses none that cannot be spent (I14).
pub(super) fn order_of_use(hold: &Hold, model: &Model, now: Instant) -> Result<(), Violation> {
    let mut passed_over = false;
    for facts in model.heap.grants() {
        let is_used = hold.draws.iter().any(|draw| draw.grant == facts.id);
        same("holds use what can be spent (I14)", !is_used || model.heap.is_spendable(facts, now), || {
            format!("{facts:?}")
        })?;
        same("holds follow the order of use (I13)", !(is_used && passed_over), || format!("{hold:?}"))?;
        passed_over |= model.heap.is_spendable(facts, now) && model.heap.on(facts.id, None) > 0;
    }
    Ok(())
}

pub(super) fn same_wallet(rule: &'static str, found: &Wallet, due: &Wallet) -> Result<(), Violation> {
    same(rule, found == due, || format!("{found:#?}, but {due:#?} was due"))
}

pub(super) fn same(rule: &'static str, is_same: bool, found: impl FnOnce() -> String) -> Result<(), Violation> {
    if is_same { Ok(()) } else { Err(Violation { rule, found: found() }) }
}
