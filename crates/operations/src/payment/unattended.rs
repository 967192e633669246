//! Charges a card while nobody is there to answer its bank.

use billing::payment::AttemptState;
use connectors::processor::Presence;
use store::{AttemptRow, CardRow, PaymentRow};

use super::drive::Drive;
use crate::{Context, Error, Services};

/// Takes a payment that was written down, with its attempt and its first look, through the processor. What becomes of
/// it is learned as with any payment. Where the bank wants to see somebody it is called off: nobody is there.
pub(crate) async fn charge_unattended(
    services: &Services,
    ctx: &Context,
    payment: &PaymentRow,
    attempt: &AttemptRow,
    card: &CardRow,
    customer: &str,
) -> Result<(), Error> {
    let drive = Drive { services, ctx, processor: services.outside.processor()? };
    let applied = drive.charge(payment, attempt, card, customer, &Presence::OffSession).await?;
    match (&applied.attempt.foreign_id, AttemptState::from_name(&applied.attempt.state)) {
        (Some(id), Some(AttemptState::ActionRequired)) => drive.call_off(payment, attempt, id).await.map(drop),
        _ => Ok(()),
    }
}
