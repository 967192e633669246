//! Holds that become charges.

use std::cmp::Ordering;

use ledger::{Account, Draw, LateSettle, Outcome, Settle, Settled, TransferKind};
use units::{GrantId, HoldId, Instant};

use super::{Answer, End, Line, Model, amount, refused};

/// A million dollars in attodollars.
const LARGEST_COST: i128 = 1_000_000_000_000_000_000_000_000;

impl Model {
    pub(super) fn settle(&mut self, settle: &Settle, now: Instant, lines: &mut Vec<Line>) -> Answer {
        if let Some(answer) = self.without_charge(settle, now) {
            return answer;
        }
        self.book_expired(now, |until| until, lines);
        let case = self.charge(settle, now, lines);
        self.repay_from_lost(now, lines);
        self.book_expired(now, |_| now, lines);
        (Ok(self.settled(settle, now)), case)
    }

    /// The answer, when nothing is to be charged: a refusal or a replay.
    fn without_charge(&self, settle: &Settle, now: Instant) -> Option<Answer> {
        if !(0..=LARGEST_COST).contains(&settle.cost.attos()) {
            return Some(refused("amount_out_of_range"));
        }
        let may_be_late = settle.late == LateSettle::Charge;
        match self.ended.get(&settle.hold) {
            Some(End::Settled { cost, .. }) if *cost == settle.cost => Some((Ok(self.settled(settle, now)), "again")),
            Some(End::Settled { .. } | End::Released) => Some(refused("hold_closed")),
            Some(End::Lapsed) if !may_be_late => Some(refused("hold_closed")),
            None if !self.is_open(settle.hold) && !may_be_late => Some(refused("hold_unknown")),
            _ => None,
        }
    }

    fn charge(&mut self, settle: &Settle, now: Instant, lines: &mut Vec<Line>) -> &'static str {
        let (id, cost, batch) = (settle.hold, settle.cost, self.batch);
        let over: Vec<GrantId> =
            self.heap.grants().iter().filter(|facts| facts.is_over(now)).map(|facts| facts.id).collect();
        let is_open = self.is_open(id);
        let held = self.heap.held_by(id);
        let due = self.due(settle);
        let paid = self.pay(id, due, now);
        let debited: i128 = paid.iter().map(|(_, nanos)| nanos).sum();
        self.write(id, &paid, due - debited, now, lines);

        let draws = paid.iter().map(|(grant, nanos)| Draw { grant: *grant, amount: amount(*nanos) }).collect();
        self.stack_up(id, &paid, due - debited);
        let (debited, lost) = (amount(debited), amount(due - debited));
        let before = self.ended.insert(id, End::Settled { cost, debited, lost, draws, batch });
        match is_open {
            true if paid.iter().any(|(grant, _)| over.contains(grant)) => "paid by what expired since",
            true => case_of_open(held, due, lost.is_positive()),
            false => case_of_late(before.is_some(), lost.is_positive()),
        }
    }

    /// The whole nanodollars of all costs so far, less what was billed for them before.
    fn due(&mut self, settle: &Settle) -> i128 {
        self.costs += settle.cost.attos();
        let due = self.costs / 1_000_000_000 - self.billed;
        self.billed += due;
        due
    }

    /// Takes the pieces of the hold first, also of grants that are over, then what is free and spendable.
    fn pay(&mut self, hold: HoldId, due: i128, now: Instant) -> Vec<(GrantId, i128)> {
        let mut paid: Vec<(GrantId, i128)> = Vec::new();
        let mut missing = due;
        for facts in self.heap.grants().to_vec() {
            let given = self.heap.on(facts.id, Some(hold.into())).min(missing);
            if given > 0 {
                self.heap.take(facts.id, Some(hold.into()), given);
                paid.push((facts.id, given));
                missing -= given;
            }
        }
        self.free(hold);
        for facts in self.heap.grants().to_vec() {
            let given = self.heap.on(facts.id, None).min(missing);
            if given == 0 || !self.heap.is_spendable(&facts, now) {
                continue;
            }
            self.heap.take(facts.id, None, given);
            missing -= given;
            match paid.iter_mut().find(|(grant, _)| *grant == facts.id) {
                Some((_, before)) => *before += given,
                None => paid.push((facts.id, given)),
            }
        }
        paid
    }

    fn write(&self, hold: HoldId, paid: &[(GrantId, i128)], lost: i128, now: Instant, lines: &mut Vec<Line>) {
        let line =
            |kind, from, nanos| Line { at: now, kind, from, to: Account::Revenue, nanos, reference: hold.uuid() };
        lines.extend(paid.iter().map(|(grant, nanos)| line(TransferKind::Charge, Account::Grant(*grant), *nanos)));
        if lost > 0 {
            lines.push(line(TransferKind::Loss, Account::Loss, lost));
        }
    }

    /// The answer of now and of every replay. Draws are named as long as the batch is not written.
    fn settled(&self, settle: &Settle, now: Instant) -> Outcome {
        let Some(End::Settled { debited, lost, draws, batch, .. }) = self.ended.get(&settle.hold) else {
            unreachable!("{} was settled just now", settle.hold)
        };
        Outcome::Settled(Settled {
            debited: *debited,
            lost: *lost,
            draws: if *batch == self.batch { draws.clone() } else { Vec::new() },
            available: self.available(now),
            balance: amount(self.heap.balance(now)),
        })
    }
}

fn case_of_open(held: i128, due: i128, has_loss: bool) -> &'static str {
    match due.cmp(&held) {
        Ordering::Less => "below the hold",
        Ordering::Equal => "the whole hold",
        Ordering::Greater if has_loss => "above the hold, some lost",
        Ordering::Greater => "above the hold, covered",
    }
}

fn case_of_late(has_lapsed: bool, has_loss: bool) -> &'static str {
    match (has_lapsed, has_loss) {
        (true, false) => "after a lapse, covered",
        (true, true) => "after a lapse, some lost",
        (false, false) => "without a hold, covered",
        (false, true) => "without a hold, some lost",
    }
}
