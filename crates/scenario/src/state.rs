//! The state of the world as SCENARIOS.md prints it.

use operations::{Caller, Error, invitation, member, organization};
use serde_json::{Map, Value, json};
use store::InvitationRow;
use units::{Amount, OrganizationId};

use crate::World;

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
        "passes": {},
        "organizations": organizations(world).await?,
        "invoices": [],
        "platform": platform,
        "journal_balanced": sum == 0,
    }))
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
    // An organization without a plan is on its trial of Enterprise, and what comes after it.
    let grace = services.catalog.dunning.grace_days;
    let status = match row.trial_ends_at {
        Some(end) if world.now() < end => "trial",
        Some(end) if world.now() < end.plus_days(grace) => "grace",
        Some(_) => "suspended",
        None => "active",
    };
    Ok(json!({
        "plan": "enterprise",
        "cadence": null,
        "status": status,
        "seats": row.seats,
        "seats_used": shown.seats_used,
        "pending_removal": 0,
        "period_start": row.created_at,
        "period_end": row.trial_ends_at,
        "members": members,
        "invited": invited,
    }))
}

/// The person of the story who was invited.
fn label_of<'a>(world: &'a World, invitation: &'a InvitationRow) -> &'a String {
    let found = world.invitations.iter().find(|(_, id)| **id == invitation.id);
    found.map_or(&invitation.email, |((_, user), _)| user)
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
        "status": "active",
        "grants": grants,
        "auto_top_up": {"state": "off", "reason": null},
    });
    Ok((value, left))
}
