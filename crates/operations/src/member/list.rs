//! Who is there.

use billing::role::Action;
use store::{MemberRow, UserRow};
use units::{OrganizationId, UserId};

use crate::{Caller, Error, Services, access};

/// A page of members with their last activity, from behind a person.
pub async fn list(
    services: &Services,
    caller: &Caller,
    organization: OrganizationId,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<(MemberRow, UserRow)>, Error> {
    let reader = services.store.reader();
    access::read_organization(reader, caller, organization, Action::SeeOrganization).await?;
    Ok(reader.list_members(organization, after, limit).await?)
}
