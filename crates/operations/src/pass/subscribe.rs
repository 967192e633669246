//! Subscribes: the first term is paid, and with its payment the pass begins.

use std::net::IpAddr;

use billing::period::Cadence;
use billing::role::Action;
use ledger::{Contents, Refusal};
use serde_json::{Value, json};
use store::{AttemptRow, Buys, CardRow, Fault, PaymentRow, Tx};
use units::{CardId, Cents, PaymentId, WalletId};

use super::{PURPOSE, personal, quote};
use crate::audit::{Change, record};
use crate::payment::{Bought, admit, charge_attended, find_chargeable, new_payment, plan};
use crate::secret::content_hash;
use crate::{Caller, Context, Error, Services, access, bill};

/// Who subscribes to what.
#[derive(Clone, Debug)]
pub struct Subscribe {
    /// Who wishes it.
    pub caller: Caller,
    /// For which wallet: a person's.
    pub wallet: WalletId,
    /// What a month costs and brings.
    pub tier: Cents,
    /// How long is paid at once.
    pub cadence: Cadence,
    /// With which card; the newest when absent.
    pub card: Option<CardId>,
    /// The caller's key: the same key with the same wish subscribes once.
    pub key: Option<String>,
    /// Where the person comes back to from their bank.
    pub return_url: String,
    /// From which address they ask, when they come over a network.
    pub from: Option<IpAddr>,
}

/// Subscribes. With the payment the pass begins and its first credits are there; when the bank wants to see the person
/// first, or has not answered, they come with its answer ([`crate::payment::see`]). While such a payment is on its way, the
/// same wish answers how it stands.
///
/// # Errors
/// `tier_unknown`, `subscription_exists` where a pass is in force, `change_pending` where a payment for another one is
/// on its way, `payment_method_missing`, `card_declined`, `card_blocked`, `too_many_card_tries`,
/// `idempotency_conflict`, `invalid_field` for the wallet of an organization, `not_found` and `forbidden`.
pub async fn subscribe(services: &Services, ctx: &Context, request: Subscribe) -> Result<Bought, Error> {
    services.outside.processor()?;
    let id = PaymentId::from_uuid(ctx.ids.uuid());
    foresee(services, &request, id).await?;
    let with = find_chargeable(services, request.wallet, request.card).await?;
    let return_url = request.return_url.clone();
    let planned = write_down(services, ctx, request, id, &with.card).await?;
    charge_attended(services, ctx, planned, &with, return_url).await
}

/// What can be refused is refused before anybody asks for a card.
async fn foresee(services: &Services, request: &Subscribe, id: PaymentId) -> Result<(), Error> {
    let (catalog, request) = (services.catalog.current(), request.clone());
    services
        .store
        .write(async move |tx| {
            let standing = personal(access::wallet(tx, &request.caller, request.wallet, Action::ManageBilling).await?)?;
            match find_known(tx, &request, id).await? {
                Some(_) => Ok(()),
                None => quote::decide(tx, &catalog, &standing.wallet, request.tier, request.cadence).await.map(drop),
            }
        })
        .await
}

/// The payment, what it buys and its first attempt, before anybody outside hears of them.
async fn write_down(
    services: &Services,
    ctx: &Context,
    request: Subscribe,
    id: PaymentId,
    card: &CardRow,
) -> Result<(PaymentRow, AttemptRow), Error> {
    let (ctx, catalog, card) = (ctx.clone(), services.catalog.current(), card.clone());
    services
        .store
        .write(async move |tx| {
            let caller = &request.caller;
            let standing = personal(access::wallet(tx, caller, request.wallet, Action::ManageBilling).await?)?;
            if let Some(known) = find_known(tx, &request, id).await? {
                return Ok(known);
            }
            let quote = quote::decide(tx, &catalog, &standing.wallet, request.tier, request.cadence).await?;
            if tx.is_card_blocked(card.wallet, &card.processor, &card.fingerprint).await? {
                return Err(Error::CardBlocked);
            }
            admit(tx, &ctx, &catalog.limits.cards, caller, (request.wallet, id.to_string()), request.from).await?;
            let buys = Buys::PassOffer { offer: quote.offer };
            let row = PaymentRow {
                by: caller.user(),
                key_hash: key_hash(&request, id),
                content: content(&request),
                ..new_payment(&ctx, id, bill::purpose(&buys), &card, quote.draft.total)
            };
            let attempt = plan(tx, &ctx, &row, &quote.draft).await?;
            tx.insert_bill(row.id, row.wallet, &buys).await?;
            let change = Change {
                scope: standing.scope(),
                action: "pass.subscribe",
                subject: row.id.to_string(),
                person: None,
                before: Value::Null,
                after: json!({"tier": request.tier, "cadence": request.cadence, "amount": row.amount}),
            };
            record(tx, &ctx, caller, change).await?;
            Ok((row, attempt))
        })
        .await
}

/// The payment of the same wish: under the same key, or on its way.
async fn find_known(
    tx: &mut Tx<'_>,
    request: &Subscribe,
    id: PaymentId,
) -> Result<Option<(PaymentRow, AttemptRow)>, Error> {
    let known = match tx.find_payment_by_key(request.wallet, key_hash(request, id)).await? {
        Some(known) if known.content != content(request) => {
            let key = request.key.clone().unwrap_or_default();
            return Err(Error::Refused(Refusal::IdempotencyConflict { key, contents: Contents::default() }));
        }
        Some(known) => known,
        None => match find_live(tx, request.wallet).await? {
            Some(live) if live.content == content(request) => live,
            Some(_) if tx.find_pass_in_force(request.wallet).await?.is_none() => {
                return Err(Error::Subscription(billing::Refusal::ChangePending {
                    pending: "a payment for a pass is on its way",
                    instead: "Finish it, or try again when it has ended",
                }));
            }
            _ => return Ok(None),
        },
    };
    let attempt = tx.find_attempt(known.id).await?;
    let attempt = attempt.ok_or_else(|| Fault::Bug { what: format!("{} has no attempt", known.id) })?;
    Ok(Some((known, attempt)))
}

/// The payment for a pass that is on its way.
async fn find_live(tx: &mut Tx<'_>, wallet: WalletId) -> Result<Option<PaymentRow>, Error> {
    match tx.find_live_payment(wallet, PURPOSE).await? {
        Some(id) => Ok(tx.find_payment(id).await?),
        None => Ok(None),
    }
}

fn key_hash(request: &Subscribe, id: PaymentId) -> [u8; 32] {
    content_hash(&request.key.clone().unwrap_or_else(|| id.to_string()))
}

fn content(request: &Subscribe) -> [u8; 32] {
    content_hash(&format!("pass {} {}", request.tier, request.cadence))
}
