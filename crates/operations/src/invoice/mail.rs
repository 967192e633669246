//! Documents by mail, for who wishes it.

use billing::invoice::{Document, Series};
use connectors::mail::{Attachment, Letter, Mail};
use store::Tx;
use units::{InvoiceId, JobId};

use super::details::address;
use super::pdf::print;
use crate::jobs::{Failed, Task};
use crate::{Context, Error, Services};

/// Leaves the job that mails a document, when the holder of its wallet wishes it.
pub(super) async fn mail_if_wished(tx: &mut Tx<'_>, ctx: &Context, document: &Document) -> Result<(), Error> {
    let details = tx.find_billing_details(document.wallet).await?;
    let (Some(details), Some(wallet)) = (details.filter(|it| it.is_mailed), tx.find_wallet(document.wallet).await?)
    else {
        return Ok(());
    };
    if let Some(to) = address(tx, &wallet, &details).await? {
        tx.insert_job(&Task::MailInvoice { to, invoice: document.id }.job(ctx)).await?;
    }
    Ok(())
}

/// Prints a document and mails it. It never changes, so it is the same mail however often it is tried.
pub(crate) async fn mail_document(services: &Services, job: JobId, to: &str, invoice: InvoiceId) -> Result<(), Failed> {
    let found = services.store.reader().find_invoice_by_id(invoice).await.map_err(Error::from)?;
    let document = found.ok_or_else(|| Failed::ForGood(format!("there is no document {invoice}")))?;
    let issued_at = document.issued_at;
    let letter = Letter::Invoice {
        number: document.number.to_string(),
        is_credit_note: document.series() == Series::CreditNote,
        total: document.content.total.to_string(),
    };
    let (postbox, catalog) = (&services.outside.postbox, services.catalog.current());
    let mut mail = Mail::write(job, to, &letter, &catalog.brand.name, postbox, issued_at)?;
    // A program without a printer, such as one that plays stories, still says that there is an invoice.
    if services.outside.printer.is_some() {
        let name = format!("{}.pdf", document.number);
        mail.attachment =
            Some(Attachment { name, kind: "application/pdf".to_owned(), bytes: print(services, document).await? });
    }
    Ok(postbox.mailer.send(&postbox.from, &mail).await?)
}
