//! What will have to be paid if nothing is changed: for the organization's page, and for an operator who tries
//! another catalog.

use units::{Cents, Instant};

use super::{Command, Facts, Outcome, Seating, decide};
use crate::catalog;

impl Seating {
    /// The bills that come until a moment, when each is paid at once: the very renewals, on a copy.
    pub fn forecast(&self, prices: &catalog::Seats, now: Instant, until: Instant) -> Vec<(Instant, Cents)> {
        let mut copy = Self { order: None, ..self.clone() };
        let mut bills = Vec::new();
        while let Some(it) = copy.subscription.as_mut() {
            it.is_paid = true;
            // Beyond the end of time no term ends.
            if it.term.end() > until || it.term.end() <= it.term.start() {
                break;
            }
            let facts = Facts { now: it.term.end().max(now), used: 0, prices };
            let decided = decide(&mut copy, &Command::Advance, &facts).expect("a renewal is never refused");
            if let Outcome::Bill(bill) = decided.outcome {
                bills.push((bill.term.start(), bill.line.amount));
            }
        }
        bills
    }
}
