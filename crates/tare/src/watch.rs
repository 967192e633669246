//! What a server does for whoever asks about the past: it sums up long journals, seals each day, and checks itself.

use std::time::Duration;

use operations::{Context, Door, Error, Services, jobs};
use tokio::sync::watch::Receiver;
use units::WalletId;

use crate::background::has_stopped;
use crate::clock::SystemDoor;

/// How often. A journal that grew by more than a segment meanwhile is read row by row until then.
const EVERY: Duration = Duration::from_secs(10);
/// In how many of these turns all sums of the platform are added up, which reads every rollup: once an hour.
const PLATFORM_EVERY: u64 = 360;

pub async fn keep(services: Services, door: SystemDoor, mut stopped: Receiver<bool>) {
    let (mut after, mut turns) = (None, 0);
    loop {
        match turn(&services, &door.context(), after, turns).await {
            Ok(next) => after = next,
            Err(error) => tracing::error!(%error, "the past could not be looked at; it is tried again"),
        }
        turns += 1;
        if has_stopped(&mut stopped, EVERY).await {
            return;
        }
    }
}

/// Answers behind which wallet the self-check goes on.
async fn turn(
    services: &Services,
    ctx: &Context,
    after: Option<WalletId>,
    turns: u64,
) -> Result<Option<WalletId>, Error> {
    jobs::sum_segments(services).await?;
    // What expired yesterday belongs into yesterday's root.
    jobs::sweep(services, ctx).await?;
    jobs::seal_day(services, ctx).await?;
    if turns.is_multiple_of(PLATFORM_EVERY) {
        jobs::check_platform(services, ctx).await?;
    }
    jobs::self_check(services, ctx, after).await
}
