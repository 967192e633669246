//! Buys credits with a saved card.

use std::net::IpAddr;

use billing::Catalog;
use billing::invoice::InvoiceKind;
use billing::payment::{AttemptState, Failure};
use billing::role::Action;
use ledger::{Contents, Refusal, Source};
use store::{AttemptRow, CardRow, Holder, PaymentRow};
use units::{CardId, Cents, PaymentId, WalletId};

use super::attended::{charge_attended, find_chargeable};
use super::guard::admit;
use super::plan::{new_payment, plan};
use crate::secret::content_hash;
use crate::{Caller, Context, Error, Services, access, invoice};

/// Who buys what.
#[derive(Clone, Debug)]
pub struct BuyCredits {
    /// Who wishes it.
    pub caller: Caller,
    /// For which wallet.
    pub wallet: WalletId,
    /// How much, in real money; a dollar is a dollar of credits. Fee and tax of the catalog come on top, see
    /// [`invoice::quote`].
    pub amount: Cents,
    /// With which card; the newest when absent.
    pub card: Option<CardId>,
    /// The caller's key: the same key with the same wish buys once.
    pub key: Option<String>,
    /// Where the person comes back to from their bank.
    pub return_url: String,
    /// From which address they ask, when they come over a network.
    pub from: Option<IpAddr>,
}

/// How a purchase stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bought {
    /// The payment; the grant that it brings has the same id.
    pub payment: PaymentId,
    /// Whether the credits are there.
    pub state: PaymentState,
}

/// How a payment stands that was not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentState {
    /// Paid, and the credits are there.
    Paid,
    /// The bank has not answered; the credits come when it does.
    Pending,
    /// The bank wants to see the person, on this page. Nothing was charged.
    ActionRequired {
        /// Where to go.
        page: String,
    },
}

/// Buys. A refused card is an error with a stable code, and nothing was charged. A person who tried too often waits
/// (`too_many_card_tries`).
pub async fn buy(services: &Services, ctx: &Context, request: BuyCredits) -> Result<Bought, Error> {
    services.outside.processor()?;
    let reader = services.store.reader();
    access::read_wallet(reader, &request.caller, request.wallet, Action::ManageBilling).await?;
    let with = find_chargeable(services, request.wallet, request.card).await?;
    let planned = write_down(services, ctx, &request, &with.card).await?;
    charge_attended(services, ctx, planned, &with, request.return_url).await
}

fn check_amount(catalog: &Catalog, holder: &Holder, amount: Cents) -> Result<(), Error> {
    let range = match holder {
        Holder::User(_) => &catalog.purchase.personal,
        Holder::Organization(_) => &catalog.purchase.organization,
    };
    match range.allows(amount) {
        true => Ok(()),
        false => Err(Error::Refused(Refusal::AmountOutOfRange {
            what: "the amount to buy",
            given: amount.to_string(),
            allowed: format!("{} to {}", range.min, range.max),
        })),
    }
}

/// The payment and its first attempt, before anybody outside hears of them, with a job that looks after them.
async fn write_down(
    services: &Services,
    ctx: &Context,
    request: &BuyCredits,
    card: &CardRow,
) -> Result<(PaymentRow, AttemptRow), Error> {
    let id = PaymentId::from_uuid(ctx.ids.uuid());
    let key = request.key.clone().unwrap_or_else(|| id.to_string());
    let wished = request.card.map(|id| id.to_string()).unwrap_or_default();
    let row = PaymentRow {
        by: request.caller.user(),
        key_hash: content_hash(&key),
        content: content_hash(&format!("buy {} {wished}", request.amount)),
        ..new_payment(ctx, id, Source::Purchase.name(), card, request.amount)
    };
    let (caller, from, catalog) = (request.caller, request.from, services.catalog.current());
    let (context, fingerprint) = (ctx.clone(), card.fingerprint.clone());
    services
        .store
        .write(async move |tx| {
            let standing = access::wallet(tx, &caller, row.wallet, Action::ManageBilling).await?;
            if let Some(known) = tx.find_payment_by_key(row.wallet, row.key_hash).await? {
                if known.content != row.content {
                    return Err(Error::Refused(Refusal::IdempotencyConflict {
                        key: key.clone(),
                        contents: Contents::default(),
                    }));
                }
                let attempt = tx
                    .find_attempt(known.id)
                    .await?
                    .ok_or_else(|| Error::NotFound { what: "attempt of payment", name: known.id.to_string() })?;
                return Ok((known, attempt));
            }
            check_amount(&catalog, &standing.wallet.holder, row.amount)?;
            if tx.is_card_blocked(row.wallet, &row.processor, &fingerprint).await? {
                return Err(Error::CardBlocked);
            }
            admit(tx, &context, &catalog.limits.cards, &caller, (row.wallet, id.to_string()), from).await?;
            let kind = InvoiceKind::Credits;
            let draft = invoice::draft_for_credits(tx, &catalog, &standing.wallet, kind, row.amount).await?;
            // Fee and tax come on top of the credits.
            let row = PaymentRow { amount: draft.total, ..row.clone() };
            let attempt = plan(tx, &context, &row, &draft).await?;
            Ok((row, attempt))
        })
        .await
}

pub(super) fn answer(payment: &PaymentRow, attempt: &AttemptRow) -> Result<Bought, Error> {
    let bought = |state| Ok(Bought { payment: payment.id, state });
    if payment.paid_at.is_some() {
        return bought(PaymentState::Paid);
    }
    match AttemptState::from_name(&attempt.state) {
        Some(AttemptState::Declined | AttemptState::Canceled) => {
            let code = attempt.code.clone().unwrap_or_else(|| "canceled".to_owned());
            let failure = Failure { code, decline_code: attempt.decline_code.clone() };
            Err(Error::CardDeclined { reason: failure.customer_text() })
        }
        Some(AttemptState::ActionRequired) => match &attempt.page {
            Some(page) => bought(PaymentState::ActionRequired { page: page.clone() }),
            None => bought(PaymentState::Pending),
        },
        _ => bought(PaymentState::Pending),
    }
}
