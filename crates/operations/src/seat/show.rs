//! The seats of an organization as its page shows them, and their history.

use billing::dunning::State;
use billing::role::Action;
use billing::seat::{Access, Counts, Seating};
use store::SeatEventRow;
use units::OrganizationId;

use crate::{Caller, Context, Error, Services, access, dunning};

/// The seats of an organization now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seats {
    /// How many there are, what is paid for them, and what comes at the renewal.
    pub seating: Seating,
    /// How many are taken and free.
    pub counts: Counts,
    /// Whether the organization has something that it may use.
    pub access: Access,
    /// Where its wallet stands by what it owes.
    pub status: State,
}

/// Shows them to whoever sees the billing.
///
/// # Errors
/// `not_found` and `forbidden`.
pub async fn show(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    organization: OrganizationId,
) -> Result<Seats, Error> {
    let reader = services.store.reader();
    let standing = access::read_organization(reader, caller, organization, Action::SeeBilling).await?;
    let catalog = services.catalog.current();
    let (wallet, seating) = (standing.organization.wallet, standing.organization.seating);
    let (members, invited) = reader.count_seats_by_kind(organization, ctx.now).await?;
    Ok(Seats {
        counts: seating.counts(members, invited),
        access: seating.access(catalog.dunning.grace_days, ctx.now),
        status: dunning::status(reader, &catalog, wallet, ctx.now).await?,
        seating,
    })
}

/// What happened to them, the newest first, from before a number.
///
/// # Errors
/// `not_found` and `forbidden`.
pub async fn history(
    services: &Services,
    caller: &Caller,
    organization: OrganizationId,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<SeatEventRow>, Error> {
    let reader = services.store.reader();
    access::read_organization(reader, caller, organization, Action::SeeBilling).await?;
    Ok(reader.list_seat_events(organization, before, limit).await?)
}
