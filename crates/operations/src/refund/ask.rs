//! Sends the unused part of a purchase back to its card.

use billing::refund::RefundState;
use billing::role::Action;
use ledger::{Contents, Refusal};
use serde_json::{Value, json};
use store::CardRefundRow;
use units::{Amount, Cents, PaymentId, RefundId, WalletId};

use super::drive::{FIRST_LOOK, go_on, look_job};
use super::room::{Room, find_credited, unused};
use crate::audit::{Change, record};
use crate::invoice::{self, CreditNote};
use crate::secret::content_hash;
use crate::{Caller, Context, Error, Services, access};

/// What to send back.
#[derive(Clone, Debug)]
pub struct RefundPurchase {
    /// Who wishes it.
    pub caller: Caller,
    /// Whose purchase.
    pub wallet: WalletId,
    /// The payment.
    pub payment: PaymentId,
    /// How much of what was bought, without the tax, which goes back with it; all that can be refunded when absent.
    pub amount: Option<Cents>,
    /// Why, for whoever reads the log.
    pub reason: String,
    /// The caller's key: the same key with the same wish refunds once.
    pub key: Option<String>,
}

/// How a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refunded {
    /// Its id.
    pub refund: RefundId,
    /// How much the card gets back.
    pub amount: Cents,
    /// Whether the money is back at the card; until then the credits are set aside.
    pub is_paid: bool,
}

/// Refunds. What is refused changed nothing.
///
/// # Errors
/// `refund_too_large` with what can be refunded, `grant_disputed` while the bank decides about the payment,
/// `refund_failed` when the processor does not pay.
pub async fn refund_purchase(services: &Services, ctx: &Context, request: RefundPurchase) -> Result<Refunded, Error> {
    services.outside.processor()?;
    let reader = services.store.reader();
    access::read_wallet(reader, &request.caller, request.wallet, Action::ManageBilling).await?;
    if request.reason.trim().is_empty() {
        return Err(Error::Invalid { field: "reason", reason: "say why, in a few words".to_owned() });
    }
    let unused = unused(services, ctx, request.wallet, request.payment).await?;
    let row = write_down(services, ctx, request, unused).await?;
    go_on(services, ctx, row).await
}

async fn write_down(
    services: &Services,
    ctx: &Context,
    request: RefundPurchase,
    unused: Amount,
) -> Result<CardRefundRow, Error> {
    let id = RefundId::from_uuid(ctx.ids.uuid());
    let key = request.key.clone().unwrap_or_else(|| id.to_string());
    let wished = request.amount.map(|cents| cents.to_string()).unwrap_or_default();
    let content = content_hash(&format!("refund {} {wished}", request.payment));
    let job = look_job(ctx, id, ctx.now.plus(FIRST_LOOK));
    let ctx = ctx.clone();
    let written = services.store.write(async move |tx| {
        let standing = access::wallet(tx, &request.caller, request.wallet, Action::ManageBilling).await?;
        let payment = find_credited(tx, request.wallet, request.payment).await?;
        if let Some(known) = tx.find_card_refund_by_key(payment.id, content_hash(&key)).await? {
            return match known.content == content {
                true => Ok(known),
                false => Err(Error::Refused(Refusal::IdempotencyConflict {
                    key: key.clone(),
                    contents: Contents::default(),
                })),
            };
        }
        let credits = Room::of(tx, &payment, unused).await?.choose(request.amount)?;
        let note = CreditNote { payment: payment.id, refund: id, net: credits };
        let row = CardRefundRow {
            id,
            payment: payment.id,
            wallet: payment.wallet,
            amount: invoice::preview_credit(tx, note).await?.total,
            credits,
            state: RefundState::Asked.name().to_owned(),
            foreign_id: None,
            looks: 0,
            reason: request.reason.trim().to_owned(),
            by: request.caller.user(),
            key_hash: content_hash(&key),
            content,
            created_at: ctx.now,
            changed_at: ctx.now,
        };
        tx.insert_card_refund(&row).await?;
        tx.insert_job(&job).await?;
        let change = Change {
            scope: standing.scope(),
            action: "refund.ask",
            subject: row.payment.to_string(),
            person: None,
            before: Value::Null,
            after: json!({"refund": row.id.to_string(), "amount": row.amount.to_string(), "reason": row.reason}),
        };
        record(tx, &ctx, &request.caller, change).await?;
        Ok(row)
    });
    written.await
}
