//! What a person wishes of the pass that they have. It comes at the end of its period, and can be taken back until then.

use billing::pass::Command;
use billing::period::Cadence;
use billing::role::Action;
use serde_json::{Value, json};
use store::PassRow;
use units::{Cents, WalletId};

use super::keep::{Used, keep};
use super::personal;
use super::see::{Seen, see};
use crate::audit::{Change, record};
use crate::{Caller, Context, Error, Services, access};

/// Another tier or cadence from the end of the period on. Wishing for what is so already takes the change back.
///
/// # Errors
/// `tier_unknown`, `change_pending` where something else is scheduled, `subscription_required` without a pass in force,
/// `invalid_field` for the wallet of an organization, `not_found` and `forbidden`.
pub async fn change(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    wallet: WalletId,
    tier: Cents,
    cadence: Cadence,
) -> Result<Seen, Error> {
    wish(services, ctx, caller, wallet, ("pass.change", Command::Change { tier, cadence })).await
}

/// The end, at the end of the period. A period that is not paid ends at once, and nothing is tried again.
///
/// # Errors
/// `subscription_required` without a pass in force, `invalid_field`, `not_found` and `forbidden`.
pub async fn cancel(services: &Services, ctx: &Context, caller: &Caller, wallet: WalletId) -> Result<Seen, Error> {
    wish(services, ctx, caller, wallet, ("pass.cancel", Command::Cancel)).await
}

/// Takes back what was scheduled, a change or the end. Where nothing was, it changes nothing.
///
/// # Errors
/// `subscription_required` without a pass in force, `invalid_field`, `not_found` and `forbidden`.
pub async fn resume(services: &Services, ctx: &Context, caller: &Caller, wallet: WalletId) -> Result<Seen, Error> {
    wish(services, ctx, caller, wallet, ("pass.resume", Command::Resume)).await
}

async fn wish(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    wallet: WalletId,
    (action, command): (&'static str, Command),
) -> Result<Seen, Error> {
    let (context, by, catalog) = (ctx.clone(), *caller, services.catalog.current());
    services
        .store
        .write(async move |tx| {
            let standing = personal(access::wallet(tx, &by, wallet, Action::ManageBilling).await?)?;
            let known = tx.find_pass_in_force(wallet).await?;
            let before = known.ok_or(billing::Refusal::SubscriptionRequired { what: "pass" })?;
            keep(tx, &context, &catalog, before.clone(), command, Used::default(), None).await?;
            let after = tx.find_pass(before.id).await?.unwrap_or_else(|| before.clone());
            if after.pass == before.pass {
                return Ok(());
            }
            let change = Change {
                scope: standing.scope(),
                action,
                subject: before.id.to_string(),
                person: None,
                before: shown(&before),
                after: shown(&after),
            };
            record(tx, &context, &by, change).await
        })
        .await?;
    see(services, caller, wallet).await
}

/// A pass as the audit log tells it.
fn shown(row: &PassRow) -> Value {
    let pass = &row.pass;
    json!({
        "tier": pass.tier,
        "cadence": pass.term.cadence,
        "status": pass.status(),
        "scheduled": pass.scheduled,
    })
}
