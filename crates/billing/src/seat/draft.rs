//! What the invoice of seats says.

use super::{Line, LineFor, Plan};
use crate::Catalog;
use crate::invoice::{self, Draft, DraftError, InvoiceKind, LineKind, Party};
use crate::period::Cadence;

impl Line {
    /// The invoice of a quote or a bill. Its tax comes on top of what the rules of seats know.
    ///
    /// # Errors
    /// When the sum with its tax cannot be counted, or is not above zero.
    pub fn draft(&self, catalog: &Catalog, buyer: Party) -> Result<Draft, DraftError> {
        let kind = match self.what {
            LineFor::First(_) | LineFor::Term => LineKind::Seats,
            LineFor::Added | LineFor::Upgrade => LineKind::Proration,
        };
        let line = invoice::Line { kind, text: self.text(), quantity: self.quantity, amount: self.amount };
        Draft::new(InvoiceKind::Seats, catalog.selling_party(), buyer, &catalog.tax, vec![line])
    }

    /// Such as "Teams seats, 15 of 30 days, to 2026-05-10".
    fn text(&self) -> String {
        let plan = match self.plan {
            Plan::Teams => "Teams",
            Plan::Enterprise => "Enterprise",
        };
        let (start, end) = (self.period.start.day(), self.period.end.day());
        let part = format!("{} of {} days, to {end}", self.days_left, self.period.days());
        match self.what {
            LineFor::First(Cadence::Monthly) => format!("{plan} seats, first month"),
            LineFor::First(Cadence::Yearly) => format!("{plan} seats, first year"),
            LineFor::Term => format!("{plan} seats, {start} to {end}"),
            LineFor::Added => format!("{plan} seats added, {part}"),
            LineFor::Upgrade => format!("Change to {plan}, {part}"),
        }
    }
}
