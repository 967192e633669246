//! Credits that leave for another wallet, or come from one.

use ledger::{Account, MoveIn, MoveOut, Moved, Outcome, Part, Source, TransferKind, moved_grant};
use units::Instant;

use super::{Answer, Line, Model, amount, heap::Facts, insufficient, nanos, refused};

impl Model {
    pub(super) fn move_out(&mut self, asked: &MoveOut, now: Instant, lines: &mut Vec<Line>) -> Answer {
        let wanted = nanos(asked.amount);
        if wanted <= 0 {
            return refused("amount_out_of_range");
        }
        let available = self.heap.available(now);
        if available < wanted {
            return insufficient(wanted, available);
        }
        self.book_expired(now, |until| until, lines);
        let (mut missing, mut parts) = (wanted, Vec::new());
        for facts in self.heap.grants().to_vec() {
            let given = self.heap.on(facts.id, None).min(missing);
            if given == 0 || !self.heap.is_spendable(&facts, now) {
                continue;
            }
            self.heap.take(facts.id, None, given);
            missing -= given;
            lines.push(Line {
                at: now,
                kind: TransferKind::Move,
                from: Account::Grant(facts.id),
                to: Account::Transit,
                nanos: given,
                reference: asked.id.uuid(),
            });
            parts.push(Part {
                grant: moved_grant(asked.id, parts.len()),
                amount: amount(given),
                paid: facts.paid,
                effective_at: facts.from,
                expires_at: facts.until,
            });
        }
        let case = if parts.len() == 1 { "of one grant" } else { "of several grants" };
        (Ok(Outcome::Moved(Moved { parts, available: self.available(now) })), case)
    }

    pub(super) fn move_in(&mut self, asked: &MoveIn, now: Instant, lines: &mut Vec<Line>) -> Answer {
        self.book_expired(now, |until| until, lines);
        for part in &asked.parts {
            self.heap.put(Facts {
                id: part.grant,
                source: Source::Moved,
                nanos: nanos(part.amount),
                paid: part.paid,
                from: part.effective_at,
                until: part.expires_at,
            });
            lines.push(Line {
                at: now,
                kind: TransferKind::Move,
                from: Account::Transit,
                to: Account::Grant(part.grant),
                nanos: nanos(part.amount),
                reference: asked.id.uuid(),
            });
        }
        let expired = self.book_expired(now, |_| now, lines);
        let case = if expired > 0 { "too late" } else { "in time" };
        (Ok(Outcome::Moved(Moved { parts: asked.parts.clone(), available: self.available(now) })), case)
    }
}
