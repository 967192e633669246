//! Reads a policy.

use billing::role::Action;
use store::PolicyRow;
use units::OrganizationId;

use crate::{Caller, Error, Services, access};

/// The policy of an organization, for its members. `None` when it never set one: everything is allowed.
pub async fn load(
    services: &Services,
    caller: &Caller,
    organization: OrganizationId,
) -> Result<Option<PolicyRow>, Error> {
    let reader = services.store.reader();
    access::read_organization(reader, caller, organization, Action::SeeOrganization).await?;
    Ok(reader.find_policy(organization).await?)
}
