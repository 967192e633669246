//! Invitations that can be accepted.

use billing::role::Action;
use store::InvitationRow;
use units::OrganizationId;

use crate::{Caller, Context, Error, Services, access};

/// Those of an organization, for its members.
pub async fn list(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    organization: OrganizationId,
) -> Result<Vec<InvitationRow>, Error> {
    let reader = services.store.reader();
    access::read_organization(reader, caller, organization, Action::SeeOrganization).await?;
    Ok(reader.list_pending_invitations(organization, ctx.now).await?)
}

/// Those of the caller's own address.
pub async fn list_mine(services: &Services, ctx: &Context, caller: &Caller) -> Result<Vec<InvitationRow>, Error> {
    let reader = services.store.reader();
    let user = access::person(caller, "see invitations")?;
    match reader.find_user(user).await?.and_then(|user| user.email) {
        Some(email) => Ok(reader.list_invitations_for(&email, ctx.now).await?),
        None => Ok(Vec::new()),
    }
}
