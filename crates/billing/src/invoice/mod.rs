//! Invoices and credit notes: what they say, to the cent.
//!
//! A [`Draft`] is made when a payment is wished: its total is what the card pays. When the payment is paid, the draft
//! becomes a [`Document`] with a [`Number`], word for word, and never changes again; what is paid back later is a
//! credit note that names it. Kept true: the total is the sum of the lines; the tax is taken once, on the sum of what
//! is taxed, half up; credit notes of one invoice never exceed it, and a whole one takes back exactly its tax.
//!
//! Where numbers come from is the store's: only there is it known which was the last.

mod line;
pub use line::{Line, LineKind};

mod tax_id;
pub use tax_id::{TaxId, read_tax_id};

mod party;
pub(crate) use party::is_country;
pub use party::{BillingDetails, Party, WrongField};

mod treatment;
pub use treatment::Treatment;

mod number;
pub use number::{Number, ParseNumberError, Series};

mod draft;
pub use draft::{Draft, DraftError, InvoiceKind};

mod purchase;
pub use purchase::for_credits;

mod credit;
pub use credit::credit_note;

mod document;
pub use document::Document;

#[cfg(test)]
mod tests;
