//! A member goes by themselves.

use billing::role::Action;
use units::OrganizationId;

use crate::member::take_out;
use crate::{Caller, Context, Error, Services, access};

/// Leaves the organization: the seat is free at once, and the member's keys for it end. The last owner stays.
pub async fn leave(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    organization: OrganizationId,
) -> Result<(), Error> {
    let user = access::person(caller, "leave an organization")?;
    let (context, caller) = (ctx.clone(), *caller);
    services
        .store
        .write(async move |tx| {
            let standing = access::organization(tx, &caller, organization, Action::SeeOrganization).await?;
            take_out(tx, &context, &caller, &standing.organization, user, "member.leave").await
        })
        .await
}
