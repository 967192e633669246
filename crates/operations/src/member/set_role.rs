//! Makes a member something else.

use billing::Role;
use billing::role::{Action, allows};
use connectors::mail::Letter;
use serde_json::json;
use units::{OrganizationId, UserId};

use super::{load, require_other_owner, require_reach, write_to};
use crate::audit::{Change, Scope, record};
use crate::invitation::require_free_seat;
use crate::{Caller, Context, Error, Services, access, words};

/// Changes a member's role. Who uses credits from now on takes a seat; who no longer does, frees it, and their
/// keys for the organization end.
pub async fn set_role(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    organization: OrganizationId,
    user: UserId,
    role: Role,
) -> Result<(), Error> {
    let (context, caller, catalog) = (ctx.clone(), *caller, services.catalog.current());
    services
        .store
        .write(async move |tx| {
            let standing = access::organization(tx, &caller, organization, Action::ManageMembers).await?;
            access::require_served(tx, &context, &catalog, &caller, &standing.organization).await?;
            let member = load(tx, organization, user).await?;
            require_reach(standing.role, member.role, "manage this member")?;
            require_reach(standing.role, role, "give this role")?;
            if member.role == role {
                return Ok(());
            }
            require_other_owner(tx, &member).await?;
            if role.takes_seat() && !member.role.takes_seat() {
                require_free_seat(tx, &context, &standing.organization).await?;
            }
            tx.set_member_role(organization, user, role).await?;
            let keys_ended = match allows(role, Action::UseCredits) {
                true => 0,
                false => tx.revoke_api_keys_of(standing.organization.wallet, user, context.now).await?,
            };
            let change = Change {
                scope: Scope::Organization(organization),
                action: "member.set_role",
                subject: user.to_string(),
                person: Some(user),
                before: json!({"role": member.role}),
                after: json!({"role": role, "keys_ended": keys_ended}),
            };
            record(tx, &context, &caller, change).await?;
            let letter = Letter::RoleChanged {
                organization: standing.organization.name.clone(),
                changed_by: words::person(tx, &caller, &standing.organization.name).await?,
                role: words::role(role),
            };
            write_to(tx, &context, user, letter).await
        })
        .await
}
