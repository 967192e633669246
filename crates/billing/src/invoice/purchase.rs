//! The draft of a purchase of credits.

use units::Cents;

use super::{Draft, DraftError, InvoiceKind, Line, LineKind, Party};
use crate::Catalog;

/// Credits for `amount`, with the processing fee of the catalog as a line of its own. A dollar is a dollar of
/// credits: fee and tax come on top.
///
/// # Errors
/// When the sum cannot be counted, or is not above zero.
pub fn for_credits(catalog: &Catalog, kind: InvoiceKind, buyer: Party, amount: Cents) -> Result<Draft, DraftError> {
    let line = match kind {
        InvoiceKind::AutoTopUp => LineKind::AutoTopUp,
        _ => LineKind::Credits,
    };
    let text = match kind {
        InvoiceKind::AutoTopUp => format!("{}, automatic top-up", catalog.brand.credits()),
        _ => catalog.brand.credits(),
    };
    let mut lines = vec![Line::one(line, text, amount)];
    let percent = catalog.purchase.fee_percent;
    let fee = percent.of_half_up(amount).ok_or(DraftError::TooLarge)?;
    if fee > Cents::ZERO {
        lines.push(Line::one(LineKind::Fee, format!("Processing fee {percent} %"), fee));
    }
    Draft::new(kind, catalog.selling_party(), buyer, &catalog.tax, lines)
}
