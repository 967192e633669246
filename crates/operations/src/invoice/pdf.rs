//! A document as PDF.

use std::sync::Arc;

use billing::invoice::{Document, Number};

use super::show;
use crate::{Caller, Error, Services};

/// Makes documents that people keep. Printing is plain work: it waits for nothing, and gives the same bytes for the
/// same document.
pub trait Printer: Send + Sync {
    /// The document as PDF, or what is wrong with the template.
    fn print(&self, document: &Document) -> Result<Vec<u8>, String>;
}

/// One document as PDF, for whoever may see it; a good name for the file is its number with `.pdf`.
///
/// # Errors
/// As [`show`], and `invoice_not_printed` where this server prints nothing or its template is broken.
pub async fn pdf(services: &Services, caller: &Caller, number: Number) -> Result<Vec<u8>, Error> {
    let document = show(services, caller, number).await?.document;
    print(services, document).await
}

/// Prints on a thread that may be busy for a while.
pub(super) async fn print(services: &Services, document: Document) -> Result<Vec<u8>, Error> {
    let none = || Error::InvoiceNotPrinted { reason: "this program prints no documents".to_owned() };
    let printer = services.outside.printer.as_ref().map(Arc::clone).ok_or_else(none)?;
    let printed = tokio::task::spawn_blocking(move || printer.print(&document)).await;
    let printed = printed.unwrap_or_else(|error| Err(error.to_string()));
    printed.map_err(|reason| {
        tracing::error!(%reason, "an invoice could not be printed");
        Error::InvoiceNotPrinted { reason: "its template is broken; the server's log says where".to_owned() }
    })
}
