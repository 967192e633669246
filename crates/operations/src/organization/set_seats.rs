//! An operator says how many seats an organization has.

use billing::Refusal;
use billing::role::Action;
use serde_json::json;
use units::OrganizationId;

use crate::audit::{Change, Scope, record};
use crate::{Caller, Context, Error, Services, access};

/// Sets the number of seats, never below what is taken.
pub async fn set_seats(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    organization: OrganizationId,
    seats: u32,
) -> Result<(), Error> {
    let (context, caller) = (ctx.clone(), *caller);
    services
        .store
        .write(async move |tx| {
            access::operator(tx, &caller).await?;
            let standing =
                access::organization(tx, &Caller::Operator, organization, Action::ManageOrganization).await?;
            let used = tx.count_seats_used(organization, context.now).await?;
            if seats < used {
                return Err(Refusal::SeatsInUse { used, wanted: seats }.into());
            }
            let before = standing.organization.seats;
            if before == seats {
                return Ok(());
            }
            tx.set_organization_seats(organization, seats).await?;
            let change = Change {
                scope: Scope::Organization(organization),
                action: "organization.set_seats",
                subject: organization.to_string(),
                person: None,
                before: json!({"seats": before}),
                after: json!({"seats": seats}),
            };
            record(tx, &context, &caller, change).await
        })
        .await
}
