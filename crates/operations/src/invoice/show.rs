//! One document by its number.

use billing::invoice::{Document, Number, Series};
use billing::role::Action;

use crate::{Caller, Error, Services, access};

/// A document and what was issued about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// It.
    pub document: Document,
    /// Of an invoice, its credit notes, oldest first.
    pub credit_notes: Vec<Document>,
}

/// One document. One of a wallet that the caller may not see is as absent as one that was never issued.
///
/// # Errors
/// `not_found`, and `forbidden` for who belongs to the wallet's organization and may not see its bills.
pub async fn show(services: &Services, caller: &Caller, number: Number) -> Result<Shown, Error> {
    let reader = services.store.reader();
    let unknown = || Error::NotFound { what: "invoice", name: number.to_string() };
    let document = reader.find_invoice(number).await?.ok_or_else(unknown)?;
    access::read_wallet(reader, caller, document.wallet, Action::SeeBilling).await.map_err(|error| match error {
        Error::NotFound { .. } => unknown(),
        other => other,
    })?;
    let credit_notes = match document.series() {
        Series::Invoice => reader.list_credit_notes(document.payment).await?,
        Series::CreditNote => Vec::new(),
    };
    Ok(Shown { document, credit_notes })
}
