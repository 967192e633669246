//! Decides what is wanted of seats, or has happened to them, and writes it down with what follows.

use billing::Catalog;
use billing::dunning::Cause;
use billing::seat::{Command, Event, Facts, Outcome, decide};
use serde_json::{Value, json};
use store::{Buys, DebtKey, OrganizationRow, SeatEventRow, Tx};
use units::{Instant, OrganizationId, PaymentId, UserId};

use crate::audit::{Change, Scope, record_by_server};
use crate::jobs::{Task, timer};
use crate::{Context, Error, dunning};

/// Who wishes a change, and under which key: its hash and that of what is wished.
#[derive(Clone, Copy, Default)]
pub(super) struct Wished {
    pub by: Option<UserId>,
    pub key: Option<([u8; 32], [u8; 32])>,
}

/// What was decided.
pub(super) struct Booked {
    pub events: Vec<Event>,
    pub outcome: Outcome,
}

/// The organization, which must be there.
pub(super) async fn load(tx: &mut Tx<'_>, id: OrganizationId) -> Result<OrganizationRow, Error> {
    let standing = tx.find_standing(id, None).await?;
    let organization = standing.map(|standing| standing.organization);
    organization.ok_or_else(|| Error::NotFound { what: "organization", name: id.to_string() })
}

/// Decides one command and saves all of it. A refusal changes nothing.
pub(super) async fn book(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    organization: &mut OrganizationRow,
    command: &Command,
    wished: Wished,
) -> Result<Booked, Error> {
    let used = tx.count_seats_used(organization.id, ctx.now).await?;
    let facts = Facts { now: ctx.now, used, prices: &catalog.seats };
    let decided = decide(&mut organization.seating, command, &facts)?;
    if decided.events.is_empty() {
        return Ok(Booked { events: decided.events, outcome: decided.outcome });
    }
    tx.set_seating(organization.id, &organization.seating).await?;
    let before = tx.count_seat_events(organization.id).await?;
    for (event, number) in decided.events.iter().zip(before + 1..) {
        let key = wished.key.filter(|_| number == before + 1);
        let (organization, event) = (organization.id, event.clone());
        tx.insert_seat_event(&SeatEventRow { organization, number, at: ctx.now, by: wished.by, event, key }).await?;
    }
    if decided.events.iter().any(|event| matches!(event, Event::Subscribed { .. })) {
        dunning::forget(tx, ctx, organization.wallet).await?;
    }
    if let Some(at) = due_at(organization) {
        let task = Task::AdvanceSeats { organization: organization.id };
        tx.insert_job(&timer(ctx, &task, at)).await?;
    }
    Ok(Booked { events: decided.events, outcome: decided.outcome })
}

/// Something happened by itself or outside: the same with a line of the log, and with whatever became possible by it.
/// Answers whether it was of use: a payment that makes no sense any more is not.
pub(crate) async fn happened(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    organization: OrganizationId,
    command: Command,
) -> Result<bool, Error> {
    let mut organization = load(tx, organization).await?;
    let booked = book(tx, ctx, catalog, &mut organization, &command, Wished::default()).await?;
    note(tx, ctx, &organization, &booked.events).await?;
    advance_all(tx, ctx, catalog, &mut organization).await?;
    Ok(!booked.events.is_empty() && !matches!(booked.outcome, Outcome::GiveBack(_)))
}

/// Does everything that is due, in order, until nothing is or something waits for money. Answers the payment of an order
/// that the renewal waits for.
pub(super) async fn advance_all(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    organization: &mut OrganizationRow,
) -> Result<Option<PaymentId>, Error> {
    let mut waits_for = None;
    loop {
        let booked = book(tx, ctx, catalog, organization, &Command::Advance, Wished::default()).await?;
        note(tx, ctx, organization, &booked.events).await?;
        match booked.outcome {
            Outcome::Bill(bill) => {
                let (wallet, cause) = (organization.wallet, Cause::Seats);
                let key = DebtKey { wallet, cause, anchor: bill.term.anchor, month: bill.term.month };
                let buys = Buys::SeatsTerm { organization: organization.id, bill };
                dunning::owe(tx, ctx, catalog, key, bill.term.start(), buys).await?;
            }
            Outcome::CallOff(payment) => waits_for = Some(payment),
            Outcome::Done | Outcome::Pay(_) | Outcome::GiveBack(_) => {}
        }
        if booked.events.is_empty() {
            return Ok(waits_for);
        }
    }
}

/// The line of what the server did by a rule.
async fn note(tx: &mut Tx<'_>, ctx: &Context, organization: &OrganizationRow, events: &[Event]) -> Result<(), Error> {
    for event in events {
        let action = match event {
            Event::Renewed { .. } => "seats.renew",
            Event::Ended { .. } => "seats.end",
            Event::TermPaid { .. } => "seats.pay",
            Event::OrderClosed { .. } => "seats.close_order",
            _ => "seats.fulfil",
        };
        let change = Change {
            scope: Scope::Organization(organization.id),
            action,
            subject: organization.id.to_string(),
            person: None,
            before: Value::Null,
            after: json!(event),
        };
        record_by_server(tx, ctx, change).await?;
    }
    Ok(())
}

/// When the seats have to be looked at: at the end of a term that is paid. An unpaid one is looked at when it is paid.
fn due_at(organization: &OrganizationRow) -> Option<Instant> {
    let subscription = organization.seating.subscription.as_ref().filter(|it| it.is_paid);
    subscription.map(|it| it.term.end())
}
