//! Events that nobody brought: a server that was away asks for what was told meanwhile.
//!
//! A processor knocks again for some days, and payments and refunds are looked at in any case. A dispute is known by its
//! event alone.

use units::Seconds;

use super::event::note;
use crate::{Context, Error, Services};

/// How often it is asked.
const EVERY: Seconds = Seconds(300);
/// Events are listed late, and clocks differ: so much is asked for again.
const OVERLAP: Seconds = Seconds(3600);

/// Asks for the events since the last time, if that is long enough ago, and takes those that never came. Answers how
/// many these were. Several nodes may do it at once: an event is noted once, however it comes.
///
/// # Errors
/// When the processor or the store cannot be reached; nothing is skipped then, the next time asks for the same.
pub async fn catch_up(services: &Services, ctx: &Context) -> Result<u64, Error> {
    let Some(processor) = &services.outside.processor else { return Ok(0) };
    let name = processor.name();
    let listed_until = services.store.reader().find_event_listing(name).await?;
    if listed_until.is_some_and(|until| ctx.now < until.plus(EVERY)) {
        return Ok(0);
    }
    let since = listed_until.unwrap_or(ctx.now).plus(Seconds(-OVERLAP.0));
    let (mut missed, mut after) = (0, None);
    loop {
        let page = processor.list_events(since, after.as_deref()).await?;
        for event in page.events {
            missed += u64::from(note(services, ctx, event).await?.is_new());
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let now = ctx.now;
    services.store.write(async move |tx| tx.save_event_listing(name, now).await.map_err(Error::from)).await?;
    if missed > 0 {
        tracing::info!(missed, "events of the processor had not been brought, and were asked for");
    }
    Ok(missed)
}
