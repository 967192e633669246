//! An organization as its members see it.

use billing::role::Action;
use store::{MemberRow, OrganizationRow};
use units::OrganizationId;

use crate::access::Standing;
use crate::{Caller, Context, Error, Services, access};

/// An organization, what the caller is in it, and its seats.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The organization and what the caller may do.
    pub standing: Standing,
    /// How many seats are taken.
    pub seats_used: u32,
}

/// Shows one organization to somebody who is in it.
pub async fn show(services: &Services, ctx: &Context, caller: &Caller, id: OrganizationId) -> Result<Shown, Error> {
    let reader = services.store.reader();
    let standing = access::read_organization(reader, caller, id, Action::SeeOrganization).await?;
    let seats_used = reader.count_seats_used(id, ctx.now).await?;
    Ok(Shown { standing, seats_used })
}

/// The organizations that the caller is in, with what they are there.
pub async fn list(services: &Services, caller: &Caller) -> Result<Vec<(OrganizationRow, MemberRow)>, Error> {
    match caller.user() {
        Some(user) => Ok(services.store.reader().list_organizations_of(user).await?),
        None => Ok(Vec::new()),
    }
}
