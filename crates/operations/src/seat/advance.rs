//! Lets the seats of an organization do what is due.

use units::{OrganizationId, Seconds};

use super::book::{advance_all, load};
use crate::jobs::{Task, timer};
use crate::{Context, Error, Services, dunning, payment};

/// How long a renewal waits for an order whose bank could not be called off.
const WAIT: Seconds = Seconds(300);

/// Renews or ends what is due, and takes its money: a term is billed once, whoever finds it due. An order whose bank has
/// not answered is called off first. Called again, it changes nothing.
pub async fn advance(services: &Services, ctx: &Context, organization: OrganizationId) -> Result<(), Error> {
    let reader = services.store.reader();
    let Some(standing) = reader.find_standing(organization, None).await? else { return Ok(()) };
    let wallet = standing.organization.wallet;
    if standing.organization.seating.subscription.is_none_or(|it| !it.is_paid || ctx.now < it.term.end()) {
        return Ok(());
    }
    // An order that was called off lets the renewal come; a second one cannot be under way.
    for _ in 0..2 {
        let (context, catalog) = (ctx.clone(), services.catalog.current());
        let waits_for = services
            .store
            .write(async move |tx| {
                let mut row = load(tx, organization).await?;
                advance_all(tx, &context, &catalog, &mut row).await
            })
            .await?;
        for row in reader.list_debts(wallet).await? {
            if row.debt.tried_at.is_none() {
                dunning::look(services, ctx, row.key).await?;
            }
        }
        let Some(open) = waits_for else { return Ok(()) };
        if !payment::call_off(services, ctx, open).await? {
            break;
        }
    }
    let job = timer(ctx, &Task::AdvanceSeats { organization }, ctx.now.plus(WAIT));
    services.store.write(async move |tx| tx.insert_job(&job).await.map_err(Error::from)).await
}
