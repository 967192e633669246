//! Holds that are placed, kept and freed.

use ledger::{Lease, Outcome, Place, Placed};
use units::{HoldId, Instant};

use super::{Answer, End, Line, Model, OpenHold, amount, insufficient, nanos, refused};

impl Model {
    pub(super) fn place(&mut self, place: &Place, now: Instant) -> Answer {
        if let Some(open) = self.open.iter().find(|hold| hold.id == place.hold) {
            return match (open.wanted, open.least) == (place.wanted, place.least) {
                true => (Ok(self.placed(place.hold, now)), "again"),
                false => refused("idempotency_conflict"),
            };
        }
        if self.ended.contains_key(&place.hold) {
            return refused("hold_closed");
        }
        let (wanted, least, available) = (nanos(place.wanted), nanos(place.least), self.heap.available(now));
        if least <= 0 || wanted < least {
            return refused("amount_out_of_range");
        }
        if available < least {
            return insufficient(least, available);
        }
        self.open.push(OpenHold {
            id: place.hold,
            wanted: place.wanted,
            least: place.least,
            placed_at: now,
            lease_until: place.lease_until,
        });
        self.reserve(place.hold, wanted, now);
        (Ok(self.placed(place.hold, now)), if available < wanted { "reserved in part" } else { "reserved" })
    }

    fn reserve(&mut self, hold: HoldId, mut missing: i128, now: Instant) {
        for facts in self.heap.grants().to_vec() {
            let given = self.heap.on(facts.id, None).min(missing);
            if given > 0 && self.heap.is_spendable(&facts, now) {
                self.heap.relabel(facts.id, None, Some(hold.into()), given);
                missing -= given;
            }
        }
    }

    fn placed(&self, hold: HoldId, now: Instant) -> Outcome {
        Outcome::Placed(Placed { amount: amount(self.heap.held_by(hold)), available: self.available(now) })
    }

    pub(super) fn release(&mut self, hold: HoldId, now: Instant, lines: &mut Vec<Line>) -> Answer {
        if self.is_open(hold) {
            let freed = self.close(hold, End::Released, now, lines);
            let case = if lines.is_empty() { "freed" } else { "freed, some expired" };
            return (Ok(Outcome::Released(self.freed(freed, now))), case);
        }
        match self.ended.get(&hold) {
            Some(End::Settled { .. }) => refused("hold_closed"),
            Some(End::Released | End::Lapsed) => (Ok(Outcome::Released(self.freed(0, now))), "again"),
            None => refused("hold_unknown"),
        }
    }

    pub(super) fn lapse(&mut self, hold: HoldId, now: Instant, lines: &mut Vec<Line>) -> Answer {
        let (freed, case) = match self.open.iter().find(|open| open.id == hold) {
            None => (0, "nothing to close"),
            Some(open) if open.lease_until > now => (0, "still leased"),
            Some(_) => (self.close(hold, End::Lapsed, now, lines), "freed"),
        };
        (Ok(Outcome::Lapsed(self.freed(freed, now))), case)
    }

    fn close(&mut self, hold: HoldId, end: End, now: Instant, lines: &mut Vec<Line>) -> i128 {
        self.book_expired(now, |until| until, lines);
        let freed = self.heap.held_by(hold);
        self.free(hold);
        self.ended.insert(hold, end);
        self.repay_from_lost(now, lines);
        self.book_expired(now, |_| now, lines);
        freed
    }

    /// The hold is open no more, and what it had is free again.
    pub(super) fn free(&mut self, hold: HoldId) {
        self.open.retain(|open| open.id != hold);
        for facts in self.heap.grants().to_vec() {
            let held = self.heap.on(facts.id, Some(hold.into()));
            if held > 0 {
                self.heap.relabel(facts.id, Some(hold.into()), None, held);
            }
        }
    }

    pub(super) fn renew(&mut self, lease: &Lease) -> Answer {
        let Some(open) = self.open.iter_mut().find(|open| open.id == lease.hold) else {
            return refused(if self.ended.contains_key(&lease.hold) { "hold_closed" } else { "hold_unknown" });
        };
        let is_later = lease.until > open.lease_until;
        if is_later {
            open.lease_until = lease.until;
        }
        (Ok(Outcome::Renewed), if is_later { "moved on" } else { "not shortened" })
    }
}
