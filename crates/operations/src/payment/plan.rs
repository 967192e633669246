//! Writes a payment and its attempts down, before anybody outside hears of them, with a job that looks after each.

use billing::invoice::Draft;
use ledger::Source;
use store::{AttemptRow, CardRow, PaymentRow, Tx};
use units::{Cents, PaymentId};

use super::look::{FIRST_LOOK, look_job};
use crate::secret::content_hash;
use crate::{Context, Error, pass};

/// A payment that nobody asked for under a key of their own. Who was asked for changes `by`, `key_hash` and `content`.
pub(crate) fn new_payment(
    ctx: &Context,
    id: PaymentId,
    purpose: &'static str,
    card: &CardRow,
    amount: Cents,
) -> PaymentRow {
    PaymentRow {
        id,
        wallet: card.wallet,
        purpose: purpose.to_owned(),
        processor: card.processor.clone(),
        card: card.id,
        amount,
        by: None,
        key_hash: content_hash(&id.to_string()),
        content: content_hash(&format!("{purpose} {amount}")),
        created_at: ctx.now,
        paid_at: None,
        credited_at: None,
    }
}

/// The source of the credits that a payment brings. `None` when it buys something else, see [`crate::bill`].
pub(crate) fn source(payment: &PaymentRow) -> Option<Source> {
    Source::from_name(&payment.purpose)
}

/// Whether the books have credits under the id of a payment once it is credited: what was bought, or the first month of
/// a term of a pass.
pub(crate) fn brings_credits(payment: &PaymentRow) -> bool {
    source(payment).is_some() || payment.purpose == pass::PURPOSE
}

/// The payment and its first attempt.
pub(crate) async fn plan(
    tx: &mut Tx<'_>,
    ctx: &Context,
    payment: &PaymentRow,
    draft: &Draft,
) -> Result<AttemptRow, Error> {
    tx.insert_payment(payment, draft).await?;
    plan_attempt(tx, ctx, payment, 1).await
}

/// A further attempt of a payment whose latest has ended, with this card.
pub(crate) async fn plan_again(
    tx: &mut Tx<'_>,
    ctx: &Context,
    payment: &PaymentRow,
    card: &CardRow,
) -> Result<(PaymentRow, AttemptRow), Error> {
    let payment = PaymentRow { card: card.id, processor: card.processor.clone(), ..payment.clone() };
    tx.set_payment_card(&payment).await?;
    let latest = tx.find_attempt(payment.id).await?.map_or(0, |attempt| attempt.number);
    let attempt = plan_attempt(tx, ctx, &payment, latest + 1).await?;
    Ok((payment, attempt))
}

async fn plan_attempt(tx: &mut Tx<'_>, ctx: &Context, payment: &PaymentRow, number: u32) -> Result<AttemptRow, Error> {
    let attempt = AttemptRow::planned(payment.id, number, &payment.processor, ctx.now);
    tx.save_attempt(&attempt).await?;
    tx.insert_job(&look_job(ctx, payment.id, ctx.now.plus(FIRST_LOOK))).await?;
    Ok(attempt)
}
