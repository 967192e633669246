//! Calls an order off whose payment is under way.

use billing::Refusal;
use billing::role::Action;
use units::OrganizationId;

use crate::{Caller, Context, Error, Services, access, payment};

/// Calls it off at the processor: another change can be asked for then. Without an order there is nothing to do. Who
/// finds it paid meanwhile has what they ordered.
///
/// # Errors
/// `change_pending` while its bank thinks; `not_found` and `forbidden`.
pub async fn call_off(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    organization: OrganizationId,
) -> Result<(), Error> {
    let reader = services.store.reader();
    let standing = access::read_organization(reader, caller, organization, Action::ManageBilling).await?;
    let Some(order) = standing.organization.seating.order else { return Ok(()) };
    match payment::call_off(services, ctx, order.payment).await? {
        true => Ok(()),
        false => {
            let (pending, instead) = ("the bank has not answered", "Try again in a moment");
            Err(Refusal::ChangePending { pending, instead }.into())
        }
    }
}
