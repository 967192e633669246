//! What an organization will have to pay if nothing changes, or if prices or seats do.

use billing::role::Action;
use billing::{Catalog, catalog};
use store::Reader;
use units::{Cents, Instant, OrganizationId};

use crate::{Caller, Context, Error, access};

/// What to look ahead for.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// Whose seats.
    pub organization: OrganizationId,
    /// Bills until then.
    pub until: Instant,
    /// At these prices from the next renewal on; those of the catalog when absent.
    pub prices: Option<catalog::Seats>,
    /// With so many seats; those that stay when absent.
    pub seats: Option<u32>,
}

/// The bills that come, each with its moment and without tax: the renewals of the rules, on a copy.
///
/// # Errors
/// `not_found` and `forbidden`.
pub async fn forecast(
    reader: &Reader,
    catalog: &Catalog,
    ctx: &Context,
    caller: &Caller,
    request: Forecast,
) -> Result<Vec<(Instant, Cents)>, Error> {
    let standing = access::read_organization(reader, caller, request.organization, Action::SeeBilling).await?;
    let mut seating = standing.organization.seating;
    if let Some(seats) = request.seats {
        seating.seats = seats;
        if let Some(subscription) = &mut seating.subscription {
            subscription.leaving = 0;
        }
    }
    let prices = request.prices.as_ref().unwrap_or(&catalog.seats);
    Ok(seating.forecast(prices, ctx.now, request.until))
}
