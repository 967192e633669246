//! Invoices and credit notes: who buys, what a payment will cost with fee and tax, and the documents that were issued.
//!
//! A payment is written down with a draft, made by the pure rules of `billing::invoice` from the catalog and the
//! wallet's billing details of that moment. In the transaction in which the payment becomes paid, [`issue`] turns the
//! draft into a document with the next number; in the one in which a refund succeeds, [`credit`] does the same for a
//! credit note. Documents never change, so whoever reads one reads what was issued.

/// Which documents.
pub use store::InvoiceFilter;

mod details;
pub use details::{load_details, set_details};

mod draft;
pub use draft::quote;
pub(crate) use draft::{buyer, draft_for_credits};

mod issue;
pub(crate) use issue::issue;

mod credit;
pub use credit::{CreditNote, credit, preview_credit};

mod list;
pub use list::{MOST_DOCUMENTS, list};

mod show;
pub use show::{Shown, show};

mod pdf;
pub use pdf::{Printer, pdf};

mod mail;
pub(crate) use mail::mail_document;
