//! Orders a change that may cost something, at the price that was quoted.

use std::net::IpAddr;

use billing::role::Action;
use billing::seat::{Command, Event, Outcome, Wish};
use ledger::{Contents, Refusal};
use serde_json::json;
use store::{AttemptRow, PaymentRow, SeatEventRow, Tx};
use units::{CardId, Cents, OrganizationId, PaymentId};

use super::advance;
use super::book::{Wished, book};
use super::quote::{quote_in, wallet_of};
use crate::audit::{Change, Scope, record};
use crate::bill::{self, NewBill};
use crate::payment::{Bought, Chargeable, admit, charge_attended, find_chargeable};
use crate::secret::content_hash;
use crate::{Caller, Context, Error, Services, access, payment};

/// What is ordered, by whom.
#[derive(Clone, Debug)]
pub struct OrderSeats {
    /// Who wishes it.
    pub caller: Caller,
    /// Whose seats.
    pub organization: OrganizationId,
    /// The change: a subscription, more seats, another plan.
    pub wish: Wish,
    /// What they agreed to pay: the total of [`super::quote`].
    pub quoted: Cents,
    /// With which card; the newest when absent.
    pub card: Option<CardId>,
    /// The caller's key: the same key with the same wish orders once.
    pub key: Option<String>,
    /// Where the person comes back to from their bank.
    pub return_url: String,
    /// From which address they ask, when they come over a network.
    pub from: Option<IpAddr>,
}

/// What was ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    /// What the card pays.
    pub total: Cents,
    /// How the payment stands: the change happens when it is paid. Nothing when the change was free, and is there.
    pub payment: Option<Bought>,
}

/// Orders. What is refused changed nothing; neither did a card that is refused.
///
/// # Errors
/// `quote_stale` with what it costs now, what [`super::quote`] is refused with, `payment_method_missing`,
/// `card_declined`, `card_blocked`, `too_many_card_tries`, `not_found` and `forbidden`.
pub async fn order(services: &Services, ctx: &Context, request: OrderSeats) -> Result<Ordered, Error> {
    let OrderSeats { caller, organization, card, .. } = &request;
    let reader = services.store.reader();
    let standing = access::read_organization(reader, caller, *organization, Action::ManageBilling).await?;
    advance(services, ctx, *organization).await?;
    let with = match find_chargeable(services, standing.organization.wallet, *card).await {
        // What is free needs no card.
        Err(Error::CardMissing | Error::ProcessorUnavailable { .. }) => None,
        found => Some(found?),
    };
    let (caller, return_url) = (*caller, request.return_url.clone());
    let usable = with.as_ref().map(|with| Chargeable { card: with.card.clone(), customer: with.customer.clone() });
    let Some(planned) = write_down(services, ctx, request, usable).await? else {
        return Ok(Ordered { total: Cents::ZERO, payment: None });
    };
    let total = planned.0.amount;
    let bought = match with {
        Some(with) => charge_attended(services, ctx, planned, &with, return_url).await?,
        // It was ordered before, with a card that is not there any more.
        None => payment::see(services, ctx, &caller, planned.0.id).await?,
    };
    Ok(Ordered { total, payment: Some(bought) })
}

/// The order with its payment, before anybody outside hears of it. Nothing when the change is free, and made.
async fn write_down(
    services: &Services,
    ctx: &Context,
    request: OrderSeats,
    with: Option<Chargeable>,
) -> Result<Option<(PaymentRow, AttemptRow)>, Error> {
    let id = PaymentId::from_uuid(ctx.ids.uuid());
    let content = content_hash(&format!("order {:?} {}", request.wish, request.quoted));
    let wished =
        Wished { by: request.caller.user(), key: request.key.as_ref().map(|key| (content_hash(key), content)) };
    let (ctx, catalog) = (ctx.clone(), services.catalog.current());
    services
        .store
        .write(async move |tx| {
            let OrderSeats { caller, organization, wish, quoted, .. } = &request;
            let standing = access::organization(tx, caller, *organization, Action::ManageBilling).await?;
            let mut organization = standing.organization;
            if let Some(known) = recall(tx, organization.id, &wished, request.key.as_deref()).await? {
                return planned_before(tx, &known).await;
            }
            let before = json!(organization.seating);
            let (quoted_now, buys) = quote_in(tx, &ctx, &catalog, &organization, *wish, id).await?;
            if quoted_now.total != *quoted {
                return Err(billing::Refusal::QuoteStale { quoted: *quoted, now: quoted_now.total }.into());
            }
            let command = Command::Order { payment: id, wish: *wish, quoted: quoted_now.quote.total };
            let booked = book(tx, &ctx, &catalog, &mut organization, &command, wished).await?;
            let planned = match (booked.outcome, buys) {
                (Outcome::Pay(_), Some(buys)) => {
                    let card = &with.as_ref().ok_or(Error::CardMissing)?.card;
                    if tx.is_card_blocked(card.wallet, &card.processor, &card.fingerprint).await? {
                        return Err(Error::CardBlocked);
                    }
                    let reference = (organization.wallet, id.to_string());
                    admit(tx, &ctx, &catalog.limits.cards, caller, reference, request.from).await?;
                    let wallet = wallet_of(tx, &organization).await?;
                    let bill = NewBill { id, buys: &buys, card, by: caller.user() };
                    Some(bill::plan(tx, &ctx, &catalog, &wallet, bill).await?)
                }
                _ => None,
            };
            if !booked.events.is_empty() {
                let change = Change {
                    scope: Scope::Organization(organization.id),
                    action: "seats.order",
                    subject: organization.id.to_string(),
                    person: None,
                    before,
                    after: json!({"total": quoted, "events": booked.events}),
                };
                record(tx, &ctx, caller, change).await?;
            }
            Ok(planned)
        })
        .await
}

/// What was done under the key of this wish before.
pub(super) async fn recall(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    wished: &Wished,
    key: Option<&str>,
) -> Result<Option<SeatEventRow>, Error> {
    let Some((hash, content)) = wished.key else { return Ok(None) };
    let known = tx.find_seat_event_by_key(organization, hash).await?;
    match known {
        Some(row) if row.key != Some((hash, content)) => Err(Error::Refused(Refusal::IdempotencyConflict {
            key: key.unwrap_or_default().to_owned(),
            contents: Contents::default(),
        })),
        known => Ok(known),
    }
}

async fn planned_before(tx: &mut Tx<'_>, known: &SeatEventRow) -> Result<Option<(PaymentRow, AttemptRow)>, Error> {
    let Event::Ordered(order) = &known.event else { return Ok(None) };
    let found = tx.find_payment(order.payment).await?.zip(tx.find_attempt(order.payment).await?);
    found.map(Some).ok_or_else(|| Error::NotFound { what: "payment", name: order.payment.to_string() })
}
