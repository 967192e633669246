//! How much of a payment can go back to its card, and what the card would get.

use billing::refund::{RefundState, refundable};
use billing::role::Action;
use ledger::Refusal;
use store::{CardRefundRow, PaymentRow, Tx};
use units::{Amount, Cents, GrantId, PaymentId, RefundId, WalletId};

use crate::invoice::{self, CreditNote};
use crate::{Caller, Context, Error, Services, access};

/// What a refund would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundPreview {
    /// How much of what was bought can be refunded, without the tax: nobody has used it, and no request holds it.
    pub most: Cents,
    /// How much of it would go.
    pub credits: Cents,
    /// How much the card would get back, with the tax on it.
    pub amount: Cents,
}

/// Tells what [`super::refund_purchase`] would do with this amount, or with all that can be refunded; nothing where
/// nothing can be. Nothing is written down, and what is used in the meantime cannot be refunded any more.
///
/// # Errors
/// As [`super::refund_purchase`] says no.
pub async fn preview_refund(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    (wallet, payment): (WalletId, PaymentId),
    amount: Option<Cents>,
) -> Result<RefundPreview, Error> {
    access::read_wallet(services.store.reader(), caller, wallet, Action::ManageBilling).await?;
    let unused = unused(services, ctx, wallet, payment).await?;
    // Only read: what a refund would say is decided on rows of one moment.
    let refund = RefundId::from_uuid(ctx.ids.uuid());
    let preview = services.store.write(async move |tx| {
        let payment = find_credited(tx, wallet, payment).await?;
        let room = Room::of(tx, &payment, unused).await?;
        if amount.is_none() && room.most == Cents::ZERO {
            return Ok(RefundPreview { most: room.most, credits: Cents::ZERO, amount: Cents::ZERO });
        }
        let credits = room.choose(amount)?;
        let note = CreditNote { payment: payment.id, refund, net: credits };
        let amount = invoice::preview_credit(tx, note).await?.total;
        Ok::<_, Error>(RefundPreview { most: room.most, credits, amount })
    });
    preview.await
}

/// What nobody has used or holds of the payment's credits.
pub(super) async fn unused(
    services: &Services,
    ctx: &Context,
    wallet: WalletId,
    payment: PaymentId,
) -> Result<Amount, Error> {
    let id = GrantId::from_uuid(payment.uuid());
    let wallet = services.store.reader().load_wallet(wallet).await?;
    match wallet.as_ref().and_then(|wallet| wallet.grants().iter().find(|grant| grant.id == id)) {
        Some(grant) if grant.is_frozen() || grant.marks.is_lost => {
            Err(Error::Refused(Refusal::GrantDisputed { grant: id }))
        }
        Some(grant) if !grant.has_expired(ctx.now) => Ok(grant.unheld()),
        _ => Ok(Amount::ZERO),
    }
}

/// The payment of this wallet whose credits are there.
pub(super) async fn find_credited(tx: &mut Tx<'_>, wallet: WalletId, id: PaymentId) -> Result<PaymentRow, Error> {
    let payment = tx.find_payment(id).await?.filter(|row| row.wallet == wallet && row.credited_at.is_some());
    payment.ok_or_else(|| Error::NotFound { what: "paid payment", name: id.to_string() })
}

/// Between what was bought and what can go back.
pub(super) struct Room {
    bought: Cents,
    most: Cents,
}

impl Room {
    pub(super) async fn of(tx: &mut Tx<'_>, payment: &PaymentRow, unused: Amount) -> Result<Self, Error> {
        let draft = tx.find_invoice_draft(payment.id).await?;
        let bought = draft.map_or(payment.amount, |draft| draft.credits());
        let refunds = tx.list_card_refunds(payment.id).await?;
        let counts = |row: &&CardRefundRow| row.state != RefundState::Failed.name();
        let gone: i64 = refunds.iter().filter(counts).map(|row| row.credits.count()).sum();
        Ok(Self { bought, most: refundable(bought, Cents::from_count(gone), unused) })
    }

    /// How much is refunded. The books have the last word: they set the credits aside.
    pub(super) fn choose(&self, wished: Option<Cents>) -> Result<Cents, Error> {
        let amount = wished.unwrap_or(self.most);
        if wished.is_some_and(|wished| wished <= Cents::ZERO) {
            return Err(Error::Refused(Refusal::AmountOutOfRange {
                what: "the refund",
                given: amount.to_string(),
                allowed: "more than 0".to_owned(),
            }));
        }
        match amount > Cents::ZERO && amount <= self.most {
            true => Ok(amount),
            false => Err(Error::Refused(Refusal::RefundTooLarge {
                asked: Amount::from_cents(wished.unwrap_or(self.bought)).unwrap_or_default(),
                refundable: Amount::from_cents(self.most).unwrap_or_default(),
            })),
        }
    }
}
