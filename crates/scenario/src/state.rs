//! The state of the world as SCENARIOS.md prints it.

use billing::invoice::{Document, Series};
use billing::seat::{Access, Plan};
use billing::top_up::Pause;
use operations::{Caller, Error, dunning, invitation, member, organization, seat, top_up};
use serde_json::{Map, Value, json};
use store::{InvitationRow, InvoiceFilter};
use units::{Amount, OrganizationId};

use crate::{World, pass};

pub(crate) async fn state(world: &World) -> Result<Value, Error> {
    let mut wallets = Map::new();
    let mut granted = Amount::ZERO;
    for (label, id) in &world.wallets {
        let (wallet, left) = wallet(world, *id).await?;
        granted = [granted, left].into_iter().sum();
        wallets.insert(label.clone(), wallet);
    }
    let totals = world.services().store.reader().platform_totals().await?;
    let mut platform = Map::new();
    let mut sum = i128::from(granted.nanos());
    for account in ledger::Account::PLATFORM {
        let nanos = totals.get(&account).copied().unwrap_or_default();
        sum += nanos;
        let shown = if account.is_debit_normal() { -nanos } else { nanos };
        let shown = i64::try_from(shown).map(Amount::from_nanos).map_err(|_| Error::Invalid {
            field: "platform",
            reason: format!("{} cannot be counted", account.name()),
        })?;
        platform.insert(account.name().to_owned(), json!(shown));
    }
    Ok(json!({
        "wallets": wallets,
        "passes": pass::state(world).await?,
        "organizations": organizations(world).await?,
        "invoices": invoices(world).await?,
        "platform": platform,
        "journal_balanced": sum == 0,
    }))
}

/// Every invoice, the oldest first, each with its credit notes.
async fn invoices(world: &World) -> Result<Value, Error> {
    let mut documents = world.services().store.reader().list_invoices(InvoiceFilter::default(), None, u32::MAX).await?;
    documents.reverse();
    let (invoices, notes): (Vec<Document>, _) =
        documents.into_iter().partition(|document| document.series() == Series::Invoice);
    Ok(invoices.iter().map(|invoice| self::invoice(world, invoice, &notes)).collect())
}

fn invoice(world: &World, invoice: &Document, notes: &[Document]) -> Value {
    let label = world.wallets.iter().find(|(_, id)| **id == invoice.wallet).map(|(label, _)| label);
    let lines = |document: &Document| -> Value {
        let lines = document.content.lines.iter();
        lines
            .map(|line| {
                let (what, text) = (line.kind.name(), &line.text);
                json!({"what": what, "text": text, "quantity": line.quantity, "amount": line.amount})
            })
            .collect()
    };
    let about = notes.iter().filter(|note| note.payment == invoice.payment);
    let notes: Value =
        about.map(|note| json!({"number": note.number, "total": note.content.total, "lines": lines(note)})).collect();
    json!({
        "number": invoice.number,
        "wallet": label,
        "kind": invoice.content.kind,
        "total": invoice.content.total,
        "status": "paid",
        "issued_at": invoice.issued_at,
        "buyer": invoice.content.buyer,
        "treatment": invoice.content.treatment,
        "lines": lines(invoice),
        "credit_notes": notes,
    })
}

async fn organizations(world: &World) -> Result<Value, Error> {
    let mut organizations = Map::new();
    for (label, id) in &world.organizations {
        organizations.insert(label.clone(), organization(world, *id).await?);
    }
    Ok(Value::Object(organizations))
}

async fn organization(world: &World, id: OrganizationId) -> Result<Value, Error> {
    let (services, ctx) = (world.services(), world.context());
    let shown = organization::show(services, &ctx, &Caller::Operator, id).await?;
    let row = shown.standing.organization;
    let mut members = Map::new();
    for (member, user) in member::list(services, &Caller::Operator, id, None, u32::MAX).await? {
        let label = world.people.iter().find(|(_, id)| **id == user.id).map_or(&user.name, |(label, _)| label);
        members.insert(label.clone(), json!(member.role));
    }
    members.sort_keys();
    let pending = invitation::list(services, &ctx, &Caller::Operator, id).await?;
    let invited: Vec<&String> = pending.iter().map(|invitation| label_of(world, invitation)).collect();
    let seats = seat::show(services, &ctx, &Caller::Operator, id).await?;
    let seating = &seats.seating;
    let plan = match (&seating.subscription, seating.ended_at) {
        (Some(it), _) => Some(it.plan),
        // A trial tries the larger one.
        (None, None) => Some(Plan::Enterprise),
        (None, Some(_)) => None,
    };
    let term = seating.subscription.as_ref().map(|it| it.term);
    Ok(json!({
        "plan": plan,
        "cadence": term.map(|term| term.cadence),
        "status": status(&seats),
        "seats": seating.seats,
        "seats_used": shown.seats_used,
        "pending_removal": seats.counts.leaving,
        "period_start": term.map_or(row.created_at, |term| term.start()),
        "period_end": term.map_or(seating.ended_at.unwrap_or(seating.trial_ends_at), |term| term.end()),
        "next_plan": seating.subscription.as_ref().and_then(|it| it.next_plan),
        "next_cadence": seating.subscription.as_ref().and_then(|it| it.next_cadence),
        "cancelled": seating.subscription.as_ref().is_some_and(|it| it.is_cancelled),
        "members": members,
        "invited": invited,
    }))
}

/// Where the organization stands: on trial and what comes after it, or by what it owes.
fn status(seats: &seat::Seats) -> &'static str {
    match (seats.access, seats.seating.ended_at) {
        (Access::Subscribed, _) => seats.status.name(),
        (Access::Trial { .. }, _) => "trial",
        (Access::Banner { .. }, _) => "grace",
        (Access::Required, None) => "suspended",
        (Access::Required, Some(_)) => match seats.status.is_served() {
            true => "ended",
            false => seats.status.name(),
        },
    }
}

/// The person of the story who was invited.
fn label_of<'a>(world: &'a World, invitation: &'a InvitationRow) -> &'a String {
    let found = world.invitations.iter().find(|(_, id)| **id == invitation.id);
    found.map_or(&invitation.email, |((_, user), _)| user)
}

/// Whether credits are bought without asking, and why not.
async fn auto_top_up(world: &World, id: units::WalletId) -> Result<Value, Error> {
    let seen = top_up::see(world.services(), &world.context(), &Caller::Operator, id).await?;
    Ok(json!({"state": seen.state.name(), "reason": seen.state.pause().map(Pause::name)}))
}

/// One wallet, and what is left on all its grants.
async fn wallet(world: &World, id: units::WalletId) -> Result<(Value, Amount), Error> {
    let reader = world.services().store.reader();
    let not_found = || Error::NotFound { what: "wallet", name: id.to_string() };
    let wallet = reader.load_wallet(id).await?.ok_or_else(not_found)?;
    let now = world.now();
    let mut grants = Vec::new();
    let mut left = Amount::ZERO;
    for grant in reader.list_grants(id, None, u32::MAX).await? {
        left = [left, grant.left].into_iter().sum();
        let live = wallet.grants().iter().find(|live| live.id == grant.id);
        grants.push(json!({
            "source": grant.source.name(),
            "amount": grant.amount,
            "left": grant.left,
            "held": live.map_or(Amount::ZERO, |live| live.held),
            "paid": grant.paid,
            "expires_at": grant.expires_at,
        }));
    }
    let value = json!({
        "balance": wallet.balance(now),
        "held": wallet.held(),
        "available": wallet.available(now),
        "receivable": wallet.receivable,
        "status": dunning::status(reader, &world.services().catalog.current(), id, now).await?.name(),
        "grants": grants,
        "auto_top_up": auto_top_up(world, id).await?,
    });
    Ok((value, left))
}
