//! Lets the seats of an organization do what is due.

use units::{OrganizationId, Seconds};

use super::book::{advance_all, advance_job, load};
use crate::{Context, Error, Services, dunning, payment};

/// How long a renewal waits for an order whose bank could not be called off.
const WAIT: Seconds = Seconds(300);

/// Renews or ends what is due, and takes its money: a term is billed once, whoever finds it due. An order whose bank has
/// not answered is called off first. Called again, it changes nothing.
pub async fn advance(services: &Services, ctx: &Context, organization: OrganizationId) -> Result<(), Error> {
    let standing = services.store.reader().find_standing(organization, None).await?;
    let subscription = standing.and_then(|standing| standing.organization.seating.subscription);
    if subscription.is_none_or(|it| !it.is_paid || ctx.now < it.term.end()) {
        return Ok(());
    }
    // An order that was called off lets the renewal come; a second one cannot be under way.
    for _ in 0..2 {
        let (context, catalog) = (ctx.clone(), services.catalog.current());
        let advanced = services
            .store
            .write(async move |tx| {
                let mut row = load(tx, organization).await?;
                advance_all(tx, &context, &catalog, &mut row).await
            })
            .await?;
        for debt in advanced.billed {
            dunning::look(services, ctx, debt).await?;
        }
        let Some(open) = advanced.waits_for else { return Ok(()) };
        if !payment::call_off(services, ctx, open).await? {
            break;
        }
    }
    let job = advance_job(ctx, organization, ctx.now.plus(WAIT));
    services.store.write(async move |tx| tx.insert_job(&job).await.map_err(Error::from)).await
}
