//! The credit note of a refund, in the transaction in which the processor has paid it.

use billing::invoice::{Document, Draft, Series, credit_note};
use store::{Fault, Tx};
use units::{Cents, InvoiceId, PaymentId, RefundId};

use super::mail::mail_if_wished;
use crate::{Context, Error};

/// What is paid back.
#[derive(Clone, Copy, Debug)]
pub struct CreditNote {
    /// Of which payment.
    pub payment: PaymentId,
    /// By which refund: it has one credit note, however often this is asked.
    pub refund: RefundId,
    /// How much of what was bought, without tax. The tax on it goes back too, the fee does not.
    pub net: Cents,
}

/// What the credit note would say: its total is what the card gets back. Nothing is written down.
///
/// # Errors
/// `invalid_field` when it is more than the invoice still bears.
pub async fn preview_credit(tx: &mut Tx<'_>, note: CreditNote) -> Result<Draft, Error> {
    if let Some(issued) = tx.find_credit_note(note.refund).await? {
        return Ok(issued.content);
    }
    let invoice = super::issue::draft_of(tx, note.payment).await?;
    let before: Vec<Draft> = tx.list_credit_notes(note.payment).await?.into_iter().map(|note| note.content).collect();
    Ok(credit_note(&invoice, &before, note.net)?)
}

/// Issues the credit note. A refund that has one keeps it.
///
/// # Errors
/// `invalid_field` when it is more than the invoice still bears, and a fault when the payment has no invoice.
pub async fn credit(tx: &mut Tx<'_>, ctx: &Context, note: CreditNote) -> Result<Document, Error> {
    if let Some(issued) = tx.find_credit_note(note.refund).await? {
        return Ok(issued);
    }
    let invoice = tx.find_invoice_of_payment(note.payment).await?;
    let invoice = invoice.ok_or_else(|| Fault::Bug { what: format!("{} has no invoice", note.payment) })?;
    let content = preview_credit(tx, note).await?;
    let (number, issued_at) = tx.next_invoice_number(Series::CreditNote, ctx.now).await?;
    let document = Document {
        id: InvoiceId::from_uuid(ctx.ids.uuid()),
        number,
        issued_at,
        corrects: Some(invoice.number),
        refund: Some(note.refund),
        content,
        ..invoice
    };
    tx.insert_invoice(&document).await?;
    mail_if_wished(tx, ctx, &document).await?;
    Ok(document)
}
