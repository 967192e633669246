//! Charges that are given back.
//!
//! A charge leaves a stack: what grants gave, in the order in which they did, the loss on top. A correction
//! takes from the top.

use ledger::{Account, Correct, Corrected, Draw, Outcome, TransferKind};
use units::{GrantId, HoldId, Instant};

use super::{Answer, Line, Model, Refused, Stack, amount, nanos, refused};

impl Model {
    pub(super) fn stack_up(&mut self, charge: HoldId, paid: &[(GrantId, i128)], lost: i128) {
        let mut stack: Stack = paid.iter().map(|(grant, nanos)| (Some(*grant), *nanos)).collect();
        if lost > 0 {
            stack.push((None, lost));
        }
        self.charges.insert(charge, stack);
    }

    pub(super) fn correct(&mut self, asked: &Correct, now: Instant, lines: &mut Vec<Line>) -> Answer {
        let Some(stack) = self.charges.get(&asked.charge) else { return refused("charge_unknown") };
        let wanted = nanos(asked.amount);
        if let Some((before, undone)) = self.corrections.get(&(asked.charge, asked.correction)) {
            return match *before == wanted {
                true => (Ok(self.corrected(undone, now)), "again"),
                false => refused("idempotency_conflict"),
            };
        }
        let whole: i128 = stack.iter().map(|(_, nanos)| nanos).sum();
        if wanted <= 0 {
            return refused("amount_out_of_range");
        }
        if wanted > whole {
            let numbers = Some((wanted, whole));
            return (Err(Refused { code: "correction_too_large", numbers }), "correction_too_large");
        }
        if !self.has_room(wanted, now) {
            return refused("amount_out_of_range");
        }
        self.book_expired(now, |until| until, lines);
        let undone = self.take_from_stack(asked.charge, wanted);
        for (grant, nanos) in &undone {
            if let Some(grant) = grant {
                self.heap.put_back(*grant, *nanos);
            }
            let (from, to) = (Account::Revenue, grant.map_or(Account::Loss, Account::Grant));
            let (kind, reference) = (TransferKind::Correction, asked.correction.uuid());
            lines.push(Line { at: now, kind, from, to, nanos: *nanos, reference });
        }
        self.repay_from_lost(now, lines);
        let expired = self.book_expired(now, |_| now, lines);
        let case = match (&undone[..], wanted == whole) {
            _ if expired > 0 => "of what has expired since",
            ([(None, _), ..], _) => "the loss first",
            (_, true) => "all of it",
            (_, false) => "a part",
        };
        let answer = self.corrected(&undone, now);
        self.corrections.insert((asked.charge, asked.correction), (wanted, undone));
        (Ok(answer), case)
    }

    fn take_from_stack(&mut self, charge: HoldId, mut missing: i128) -> Stack {
        let stack = self.charges.get_mut(&charge).expect("the caller looked");
        let mut undone = Stack::new();
        while missing > 0 {
            let (grant, nanos) = stack.pop().expect("the stack has as much as is wanted");
            let part = nanos.min(missing);
            if nanos > part {
                stack.push((grant, nanos - part));
            }
            missing -= part;
            undone.push((grant, part));
        }
        undone
    }

    fn corrected(&self, undone: &Stack, now: Instant) -> Outcome {
        let (mut loss, mut returned) = (0, Vec::new());
        for (grant, nanos) in undone {
            match grant {
                Some(grant) => returned.push(Draw { grant: *grant, amount: amount(*nanos) }),
                None => loss += nanos,
            }
        }
        Outcome::Corrected(Corrected { loss_undone: amount(loss), returned, available: self.available(now) })
    }
}
