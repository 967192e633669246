//! Credits that come, expire, and are corrected.

use ledger::{Account, Adjust, Adjusted, Granted, Issue, Outcome, Source, TransferKind};
use units::Instant;

use super::{Answer, Line, Model, amount, heap::Facts, insufficient, nanos, refused};

/// A billion dollars.
pub(super) const MOST_IN_A_WALLET: i128 = 1_000_000_000_000_000_000;

impl Model {
    pub(super) fn issue(&mut self, issue: &Issue, now: Instant, lines: &mut Vec<Line>) -> Answer {
        if let Some(refusal) = self.refuses(issue, now) {
            return refused(refusal);
        }
        self.book_expired(now, |until| until, lines);
        self.enter(issue, now, lines);
        let has_repaid = self.repay_from_purchase(issue, now, lines);
        (
            Ok(Outcome::Granted(Granted { grant: issue.grant, available: self.available(now) })),
            if has_repaid { "repaid first" } else { "granted" },
        )
    }

    fn refuses(&self, issue: &Issue, now: Instant) -> Option<&'static str> {
        if !self.has_room(nanos(issue.amount), now) {
            return Some("amount_out_of_range");
        }
        if self.heap.grants().iter().any(|facts| facts.id == issue.grant) {
            return Some("idempotency_conflict");
        }
        let until = issue.expires_at?;
        (until <= now || until <= issue.effective_at).then_some("expiry_before_start")
    }

    /// Whether the wallet can take so much more.
    pub fn has_room(&self, more: i128, now: Instant) -> bool {
        // What has expired and is not held is gone, whether or not it is booked.
        let gone = |facts: &Facts| if facts.is_over(now) { self.heap.on(facts.id, None) } else { 0 };
        let in_all: i128 = self.heap.grants().iter().map(|facts| self.heap.left(facts.id) - gone(facts)).sum();
        more > 0 && in_all + more <= MOST_IN_A_WALLET
    }

    fn enter(&mut self, issue: &Issue, now: Instant, lines: &mut Vec<Line>) {
        self.heap.put(Facts {
            id: issue.grant,
            source: issue.source,
            nanos: nanos(issue.amount),
            paid: issue.paid,
            from: issue.effective_at,
            until: issue.expires_at,
        });
        lines.push(Line {
            at: now,
            kind: TransferKind::Grant,
            from: if issue.paid { Account::Cash } else { Account::Promotions },
            to: Account::Grant(issue.grant),
            nanos: nanos(issue.amount),
            reference: issue.grant.uuid(),
        });
    }

    pub(super) fn adjust(&mut self, adjust: &Adjust, now: Instant, lines: &mut Vec<Line>) -> Answer {
        let change = nanos(adjust.amount);
        let case = if change > 0 { "added" } else { "taken" };
        if change > 0 {
            let added = Issue {
                grant: adjust.grant,
                source: Source::Operator,
                amount: adjust.amount,
                paid: false,
                effective_at: now,
                expires_at: None,
            };
            if let (Err(refusal), case) = self.issue(&added, now, lines) {
                return (Err(refusal), case);
            }
        } else {
            let available = self.heap.available(now);
            if change == 0 || change == i128::from(i64::MIN) {
                return refused("amount_out_of_range");
            }
            if -change > available {
                return insufficient(-change, available);
            }
            self.book_expired(now, |until| until, lines);
            self.take_back(-change, adjust, now, lines);
        }
        (Ok(Outcome::Adjusted(Adjusted { amount: adjust.amount, available: self.available(now) })), case)
    }

    fn take_back(&mut self, mut missing: i128, adjust: &Adjust, now: Instant, lines: &mut Vec<Line>) {
        for facts in self.heap.grants().to_vec() {
            let given = self.heap.on(facts.id, None).min(missing);
            if given == 0 || !self.heap.is_spendable(&facts, now) {
                continue;
            }
            self.heap.take(facts.id, None, given);
            missing -= given;
            lines.push(Line {
                at: now,
                kind: TransferKind::Adjustment,
                from: Account::Grant(facts.id),
                to: Account::Promotions,
                nanos: given,
                reference: adjust.grant.uuid(),
            });
        }
    }

    pub(super) fn expire(&mut self, now: Instant, lines: &mut Vec<Line>) -> Answer {
        let booked = self.book_expired(now, |until| until, lines);
        let case = if booked > 0 { "booked" } else { "nothing due" };
        (Ok(Outcome::Expired(self.freed(booked, now))), case)
    }

    /// Takes off the heap what is free on grants whose time is over.
    pub(super) fn book_expired(
        &mut self,
        now: Instant,
        dated: impl Fn(Instant) -> Instant,
        lines: &mut Vec<Line>,
    ) -> i128 {
        let mut booked = 0;
        for facts in self.heap.grants().to_vec() {
            let gone = self.heap.on(facts.id, None);
            let Some(until) = facts.until.filter(|_| facts.is_over(now) && gone > 0) else { continue };
            self.heap.take(facts.id, None, gone);
            booked += gone;
            lines.push(Line {
                at: dated(until),
                kind: TransferKind::Expiry,
                from: Account::Grant(facts.id),
                to: Account::Breakage,
                nanos: gone,
                reference: facts.id.uuid(),
            });
        }
        debug_assert!(amount(booked).nanos() >= 0);
        booked
    }
}
