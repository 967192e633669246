//! Gives an organization another name.

use billing::role::Action;
use serde_json::json;
use units::OrganizationId;

use crate::audit::{Change, Scope, record};
use crate::{Caller, Context, Error, Services, access, words};

/// Renames it. Two organizations may have the same name.
pub async fn rename(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    organization: OrganizationId,
    name: &str,
) -> Result<(), Error> {
    let name = words::name("name", name)?;
    let (context, caller, catalog) = (ctx.clone(), *caller, services.catalog.current());
    services
        .store
        .write(async move |tx| {
            let standing = access::organization(tx, &caller, organization, Action::ManageOrganization).await?;
            access::require_served(tx, &context, &catalog, &caller, &standing.organization).await?;
            let before = standing.organization.name;
            if before == name {
                return Ok(());
            }
            tx.set_organization_name(organization, &name).await?;
            let change = Change {
                scope: Scope::Organization(organization),
                action: "organization.rename",
                subject: organization.to_string(),
                person: None,
                before: json!({"name": before}),
                after: json!({"name": name}),
            };
            record(tx, &context, &caller, change).await
        })
        .await
}
