//! Payments that are contested at the bank.

use ledger::{Account, Contest, Contested, DisputeState, Outcome, TransferKind};
use units::{GrantId, Instant};

use super::credits::MOST_IN_A_WALLET;
use super::{Answer, Line, Model, amount, refused};

impl Model {
    pub(super) fn contest(&mut self, asked: &Contest, now: Instant, lines: &mut Vec<Line>) -> Answer {
        let before = self.disputes.get(&asked.dispute).copied();
        match (before, asked.state) {
            (Some((grant, _)), _) if grant != asked.grant => return refused("idempotency_conflict"),
            (None, _) if !self.is_payment(asked.grant) => return refused("grant_unknown"),
            (None | Some((_, DisputeState::Open)), _) => {}
            (Some((_, ended)), DisputeState::Open) => {
                return (Ok(self.contested(asked, ended, now)), "opened too late");
            }
            (Some((_, ended)), asked_for) if ended != asked_for => return refused("dispute_closed"),
            (Some((_, ended)), _) => return (Ok(self.contested(asked, ended, now)), "ended again"),
        }
        if before.is_some() && asked.state == DisputeState::Open {
            return (Ok(self.contested(asked, DisputeState::Open, now)), "opened again");
        }
        let is_first_loss = asked.state == DisputeState::Lost && !self.is_lost(asked.grant);
        let used = self.used(asked.grant);
        if is_first_loss && self.owed + used > MOST_IN_A_WALLET {
            return refused("amount_out_of_range");
        }
        self.book_expired(now, |until| until, lines);
        if is_first_loss {
            self.lose(asked, used, now, lines);
            self.heap.lost.insert(asked.grant);
        }
        self.disputes.insert(asked.dispute, (asked.grant, asked.state));
        let is_open = |(grant, state): &(GrantId, DisputeState)| *grant == asked.grant && *state == DisputeState::Open;
        match self.disputes.values().any(is_open) {
            true => self.heap.frozen.insert(asked.grant),
            false => self.heap.frozen.remove(&asked.grant),
        };
        self.repay_from_lost(now, lines);
        let case = match (asked.state, is_first_loss) {
            (DisputeState::Open, _) => "opened",
            (DisputeState::Won, _) => "won",
            (DisputeState::Lost, false) => "lost once more",
            (DisputeState::Lost, true) if used == 0 => "lost, all of it left or gone",
            (DisputeState::Lost, true) => "lost, some of it used",
        };
        (Ok(self.contested(asked, asked.state, now)), case)
    }

    /// What the holder had of a grant: charged and not given back, repaid with it, moved elsewhere; and what
    /// runs now.
    fn used(&self, grant: GrantId) -> i128 {
        let gone = |kind| self.moved(grant, kind);
        let running = self.heap.left(grant) - self.heap.on(grant, None);
        gone(TransferKind::Charge) - gone(TransferKind::Correction)
            + gone(TransferKind::Repayment)
            + gone(TransferKind::Move)
            + running
    }

    fn lose(&mut self, asked: &Contest, used: i128, now: Instant, lines: &mut Vec<Line>) {
        let before = self.heap.on(asked.grant, None);
        // What expired just now is in these lines, what expired before in the count.
        let just_expired = lines.iter().filter(|line| line.from == Account::Grant(asked.grant)).map(|line| line.nanos);
        let expired = self.moved(asked.grant, TransferKind::Expiry) + just_expired.sum::<i128>();
        let taken = self.moved(asked.grant, TransferKind::Adjustment);
        if before > 0 {
            self.heap.take(asked.grant, None, before);
        }
        self.owed += used;
        let parts = [
            (Account::Grant(asked.grant), before),
            (Account::Breakage, expired),
            (Account::Promotions, taken),
            (Account::Receivable, used),
        ];
        for (from, nanos) in parts.into_iter().filter(|(_, nanos)| *nanos > 0) {
            let (kind, to) = (TransferKind::Dispute, Account::Cash);
            lines.push(Line { at: now, kind, from, to, nanos, reference: asked.dispute.uuid() });
        }
    }

    fn contested(&self, asked: &Contest, state: DisputeState, now: Instant) -> Outcome {
        let is_over = self.heap.facts(asked.grant).is_some_and(|facts| facts.is_over(now));
        let is_frozen = self.heap.frozen.contains(&asked.grant) && !is_over;
        Outcome::Contested(Contested {
            state,
            frozen: amount(if is_frozen { self.heap.on(asked.grant, None) } else { 0 }),
            receivable: amount(self.owed),
            available: self.available(now),
        })
    }
}
