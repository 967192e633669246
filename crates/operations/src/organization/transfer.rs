//! An owner hands the organization to another member.

use billing::Role;
use billing::role::Action;
use connectors::mail::Letter;
use serde_json::json;
use units::{OrganizationId, UserId};

use crate::audit::{Change, Scope, record};
use crate::member::{load, write_to};
use crate::{Caller, Context, Error, Services, access, words};

/// Makes the member an owner and the caller an admin, in one step. The new owner takes a seat, if they had none.
pub async fn transfer(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    organization: OrganizationId,
    to: UserId,
) -> Result<(), Error> {
    let from = access::person(caller, "hand over an organization")?;
    let (context, caller, catalog) = (ctx.clone(), *caller, services.catalog.current());
    services
        .store
        .write(async move |tx| {
            let standing = access::organization(tx, &caller, organization, Action::TransferOwnership).await?;
            access::require_served(tx, &context, &catalog, &caller, &standing.organization).await?;
            let member = load(tx, organization, to).await?;
            if to == from {
                return Ok(());
            }
            if !member.role.takes_seat() {
                crate::invitation::require_free_seat(tx, &context, &standing.organization).await?;
            }
            tx.set_member_role(organization, to, Role::Owner).await?;
            tx.set_member_role(organization, from, Role::Admin).await?;
            let change = Change {
                scope: Scope::Organization(organization),
                action: "organization.transfer",
                subject: organization.to_string(),
                person: Some(to),
                before: json!({"owner": from, "role_of_new_owner": member.role}),
                after: json!({"owner": to, "role_of_old_owner": Role::Admin}),
            };
            record(tx, &context, &caller, change).await?;
            let letter = Letter::RoleChanged {
                organization: standing.organization.name.clone(),
                changed_by: words::person(tx, &caller, &standing.organization.name).await?,
                role: words::role(Role::Owner),
            };
            write_to(tx, &context, to, letter).await
        })
        .await
}
