//! Takes a member out.

use billing::role::Action;
use connectors::mail::Letter;
use serde_json::{Value, json};
use store::{OrganizationRow, Tx};
use units::{OrganizationId, UserId};

use super::{load, require_other_owner, require_reach, write_to};
use crate::audit::{Change, Scope, record};
use crate::{Caller, Context, Error, Services, access};

/// Removes a member: the seat is free at once, and their keys for the organization end. What still runs settles.
pub async fn remove(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    organization: OrganizationId,
    user: UserId,
) -> Result<(), Error> {
    let (context, caller) = (ctx.clone(), *caller);
    services
        .store
        .write(async move |tx| {
            let standing = access::organization(tx, &caller, organization, Action::ManageMembers).await?;
            let member = load(tx, organization, user).await?;
            require_reach(standing.role, member.role, "remove this member")?;
            take_out(tx, &context, &caller, &standing.organization, user, "member.remove").await?;
            let letter = Letter::Removed { organization: standing.organization.name.clone() };
            write_to(tx, &context, user, letter).await
        })
        .await
}

/// Ends a membership and the keys that came with it.
pub(crate) async fn take_out(
    tx: &mut Tx<'_>,
    ctx: &Context,
    caller: &Caller,
    organization: &OrganizationRow,
    user: UserId,
    action: &'static str,
) -> Result<(), Error> {
    let member = load(tx, organization.id, user).await?;
    require_other_owner(tx, &member).await?;
    tx.delete_member(organization.id, user).await?;
    let keys_ended = tx.revoke_api_keys_of(organization.wallet, user, ctx.now).await?;
    let change = Change {
        scope: Scope::Organization(organization.id),
        action,
        subject: user.to_string(),
        person: Some(user),
        before: json!({"role": member.role, "daily_limit": member.daily_limit, "keys_ended": keys_ended}),
        after: Value::Null,
    };
    record(tx, ctx, caller, change).await
}
