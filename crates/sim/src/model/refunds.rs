//! Purchases that go back to their card.

use ledger::{Account, FinishRefund, Outcome, RefundFinished, RefundReserved, ReserveRefund, TransferKind};
use units::{GrantId, Instant};

use super::{Answer, Line, Model, Refused, amount, nanos, refused};

impl Model {
    pub(super) fn reserve_refund(&mut self, asked: &ReserveRefund, now: Instant) -> Answer {
        let wanted = nanos(asked.amount);
        if let Some((grant, reserved, end)) = self.refunds.get(&asked.refund) {
            return match end {
                _ if (*grant, *reserved) != (asked.grant, wanted) => refused("idempotency_conflict"),
                Some(_) => refused("refund_closed"),
                None => (Ok(self.set_aside(wanted, now)), "again"),
            };
        }
        if !self.is_payment(asked.grant) {
            return refused("grant_unknown");
        }
        if wanted <= 0 {
            return refused("amount_out_of_range");
        }
        if self.heap.frozen.contains(&asked.grant) || self.is_lost(asked.grant) {
            return refused("grant_disputed");
        }
        let is_over = self.heap.facts(asked.grant).is_some_and(|facts| facts.is_over(now));
        let free = if is_over { 0 } else { self.heap.on(asked.grant, None) };
        if wanted > free {
            let numbers = Some((wanted, free));
            return (Err(Refused { code: "refund_too_large", numbers }), "refund_too_large");
        }
        self.heap.relabel(asked.grant, None, Some(asked.refund.into()), wanted);
        self.refunds.insert(asked.refund, (asked.grant, wanted, None));
        (Ok(self.set_aside(wanted, now)), if wanted == free { "all that is free" } else { "a part" })
    }

    fn set_aside(&self, wanted: i128, now: Instant) -> Outcome {
        Outcome::RefundReserved(RefundReserved { amount: amount(wanted), available: self.available(now) })
    }

    pub(super) fn finish_refund(&mut self, asked: &FinishRefund, now: Instant, lines: &mut Vec<Line>) -> Answer {
        let Some((grant, reserved, end)) = self.refunds.get(&asked.refund).copied() else {
            return refused("refund_unknown");
        };
        match end {
            Some(is_paid) if is_paid == asked.is_paid => return (Ok(self.finished(asked, reserved, now)), "again"),
            Some(true) => return self.refund_comes_back(asked, grant, reserved, now, lines),
            Some(false) => return refused("refund_closed"),
            None => {}
        }
        self.book_expired(now, |until| until, lines);
        self.refunds.insert(asked.refund, (grant, reserved, Some(asked.is_paid)));
        let case = match asked.is_paid {
            true => {
                self.heap.take(grant, Some(asked.refund.into()), reserved);
                let (from, to) = (Account::Grant(grant), Account::Cash);
                let reference = asked.refund.uuid();
                lines.push(Line { at: now, kind: TransferKind::Refund, from, to, nanos: reserved, reference });
                if self.is_lost(grant) { "paid, though the bank took it too" } else { "paid" }
            }
            false => {
                self.heap.relabel(grant, Some(asked.refund.into()), None, reserved);
                self.repay_from_lost(now, lines);
                self.book_expired(now, |_| now, lines);
                if lines.is_empty() { "freed" } else { "freed, some gone" }
            }
        };
        (Ok(self.finished(asked, reserved, now)), case)
    }

    fn refund_comes_back(
        &mut self,
        asked: &FinishRefund,
        grant: GrantId,
        nanos: i128,
        now: Instant,
        lines: &mut Vec<Line>,
    ) -> Answer {
        if !self.has_room(nanos, now) {
            return refused("amount_out_of_range");
        }
        self.book_expired(now, |until| until, lines);
        self.refunds.insert(asked.refund, (grant, nanos, Some(false)));
        self.heap.put_back(grant, nanos);
        let (from, to, reference) = (Account::Cash, Account::Grant(grant), asked.refund.uuid());
        lines.push(Line { at: now, kind: TransferKind::Refund, from, to, nanos, reference });
        let before = lines.len();
        self.repay_from_lost(now, lines);
        self.book_expired(now, |_| now, lines);
        let case = if lines.len() == before { "came back" } else { "came back, some gone" };
        (Ok(self.finished(asked, nanos, now)), case)
    }

    fn finished(&self, asked: &FinishRefund, reserved: i128, now: Instant) -> Outcome {
        let paid = amount(if asked.is_paid { reserved } else { 0 });
        Outcome::RefundFinished(RefundFinished { paid, available: self.available(now) })
    }
}
