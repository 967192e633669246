//! Sends a whole payment back that bought nothing.

use billing::refund::RefundState;
use store::{CardRefundRow, PaymentRow, Tx};
use units::RefundId;

use super::drive::look_job;
use crate::invoice::{self, CreditNote};
use crate::secret::content_hash;
use crate::{Context, Error};

/// Writes the refund of a payment down, in the transaction in which it turned out to be of no use; a job asks the
/// processor. Its invoice gets a credit note when the money is back.
pub(crate) async fn give_back(
    tx: &mut Tx<'_>,
    ctx: &Context,
    payment: &PaymentRow,
    reason: &'static str,
) -> Result<(), Error> {
    let id = RefundId::from_uuid(ctx.ids.uuid());
    let bought = tx.find_invoice_draft(payment.id).await?.map_or(payment.amount, |draft| draft.creditable());
    let note = CreditNote { payment: payment.id, refund: id, net: bought };
    let row = CardRefundRow {
        id,
        payment: payment.id,
        wallet: payment.wallet,
        amount: invoice::preview_credit(tx, note).await?.total,
        credits: bought,
        state: RefundState::Asked.name().to_owned(),
        foreign_id: None,
        looks: 0,
        reason: reason.to_owned(),
        by: None,
        key_hash: content_hash(&format!("give back {}", payment.id)),
        content: content_hash(reason),
        created_at: ctx.now,
        changed_at: ctx.now,
    };
    tracing::warn!(payment = %payment.id, amount = %row.amount, reason, "a payment goes back to its card");
    tx.insert_card_refund(&row).await?;
    Ok(tx.insert_job(&look_job(ctx, id, ctx.now)).await?)
}
