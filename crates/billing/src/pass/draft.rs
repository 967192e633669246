//! What the invoice of a pass says.

use units::Cents;

use super::{Bill, Offer};
use crate::Catalog;
use crate::invoice::{Draft, DraftError, InvoiceKind, Line, LineKind, Party};
use crate::period::Cadence;

impl Offer {
    /// The invoice of a first term, which begins when it is paid.
    ///
    /// # Errors
    /// When the sum with its tax cannot be counted.
    pub fn draft(&self, catalog: &Catalog, buyer: Party) -> Result<Draft, DraftError> {
        let when = match self.cadence {
            Cadence::Monthly => "first month",
            Cadence::Yearly => "first year",
        };
        draft(catalog, buyer, self.tier, when, self.price)
    }
}

impl Bill {
    /// The invoice of a term.
    ///
    /// # Errors
    /// When the sum with its tax cannot be counted.
    pub fn draft(&self, catalog: &Catalog, buyer: Party) -> Result<Draft, DraftError> {
        let period = self.term.period();
        let when = format!("{} to {}", period.start.day(), period.end.day());
        draft(catalog, buyer, self.tier, &when, self.amount)
    }
}

fn draft(catalog: &Catalog, buyer: Party, tier: Cents, when: &str, amount: Cents) -> Result<Draft, DraftError> {
    let text = format!("{} {tier}, {when}", catalog.brand.pass());
    let lines = vec![Line::one(LineKind::Pass, text, amount)];
    Draft::new(InvoiceKind::Pass, catalog.selling_party(), buyer, &catalog.tax, lines)
}
