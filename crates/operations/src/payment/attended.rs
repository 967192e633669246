//! Charges a card while somebody is there to answer its bank.

use billing::payment::AttemptState;
use connectors::processor::Presence;
use store::{AttemptRow, CardRow, PaymentRow};
use units::{CardId, WalletId};

use super::buy::{Bought, answer};
use super::drive::Drive;
use crate::{Context, Error, Services};

/// A card that can be charged, and who its wallet is to the processor.
pub(crate) struct Chargeable {
    pub card: CardRow,
    pub customer: String,
}

/// The wanted card of a wallet at the processor of this server; the newest when none is named.
///
/// # Errors
/// `payment_method_missing` when there is none, `not_found` for one that is not there.
pub(crate) async fn find_chargeable(
    services: &Services,
    wallet: WalletId,
    wanted: Option<CardId>,
) -> Result<Chargeable, Error> {
    let processor = services.outside.processor()?;
    let reader = services.store.reader();
    let mut cards = reader.list_cards(wallet, processor.name()).await?;
    let card = match wanted {
        None => cards.pop().ok_or(Error::CardMissing)?,
        Some(id) => cards
            .into_iter()
            .find(|card| card.id == id)
            .ok_or_else(|| Error::NotFound { what: "card", name: id.to_string() })?,
    };
    let customer = reader.find_customer(wallet, processor.name()).await?.ok_or(Error::CardMissing)?;
    Ok(Chargeable { card, customer })
}

/// Takes a payment that was written down through the processor, or sees how it stands when it is on its way or has
/// ended. A refused card is an error with a stable code, and nothing was charged.
pub(crate) async fn charge_attended(
    services: &Services,
    ctx: &Context,
    (payment, attempt): (PaymentRow, AttemptRow),
    with: &Chargeable,
    return_url: String,
) -> Result<Bought, Error> {
    let drive = Drive { services, ctx, processor: services.outside.processor()? };
    let presence = Presence::OnSession { return_url };
    let state = AttemptState::from_name(&attempt.state);
    let (payment, attempt) = match (&attempt.foreign_id, state) {
        // The same wish again while the first is on its way, or after it: see how it stands.
        (Some(id), Some(AttemptState::Sent | AttemptState::Processing | AttemptState::ActionRequired)) => {
            match drive.processor.get_payment(id).await {
                Ok(told) => {
                    let applied = drive.settle(&payment, &attempt, &told).await?;
                    (applied.payment, applied.attempt)
                }
                Err(_) => (payment, attempt),
            }
        }
        (_, Some(AttemptState::Planned | AttemptState::Created)) => {
            let applied = drive.charge(&payment, &attempt, &with.card, &with.customer, &presence).await?;
            (applied.payment, applied.attempt)
        }
        _ => (payment, attempt),
    };
    if payment.paid_at.is_some() && payment.credited_at.is_none() {
        super::credit(services, ctx, payment.id).await?;
    }
    answer(&payment, &attempt)
}
