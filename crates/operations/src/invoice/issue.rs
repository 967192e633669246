//! The invoice of a payment, in the transaction in which it becomes paid.

use billing::invoice::{Document, Draft, Series};
use store::{Fault, PaymentRow, Tx};
use units::{InvoiceId, PaymentId};

use super::mail::mail_if_wished;
use crate::{Context, Error};

/// Turns the draft of a payment into its invoice. A payment that has one keeps it.
pub(crate) async fn issue(tx: &mut Tx<'_>, ctx: &Context, payment: &PaymentRow) -> Result<Document, Error> {
    if let Some(issued) = tx.find_invoice_of_payment(payment.id).await? {
        return Ok(issued);
    }
    let content = draft_of(tx, payment.id).await?;
    if content.total != payment.amount {
        let what = format!("{} is over {}, and its draft over {}", payment.id, payment.amount, content.total);
        return Err(Fault::Bug { what }.into());
    }
    let paid_with = tx.name_card(payment.card).await?.unwrap_or_else(|| payment.processor.clone());
    let (number, issued_at) = tx.next_invoice_number(Series::Invoice, ctx.now).await?;
    let document = Document {
        id: InvoiceId::from_uuid(ctx.ids.uuid()),
        number,
        issued_at,
        wallet: payment.wallet,
        payment: payment.id,
        paid_with,
        corrects: None,
        refund: None,
        content,
    };
    tx.insert_invoice(&document).await?;
    mail_if_wished(tx, ctx, &document).await?;
    Ok(document)
}

/// What the invoice of a payment says, or will say: no payment is without.
pub(super) async fn draft_of(tx: &mut Tx<'_>, payment: PaymentId) -> Result<Draft, Error> {
    let draft = tx.find_invoice_draft(payment).await?;
    Ok(draft.ok_or_else(|| Fault::Bug { what: format!("{payment} has no draft of an invoice") })?)
}
