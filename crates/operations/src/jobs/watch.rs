//! Looks at wallets whose credits fell below a line, or whose use has reached one.

use store::{WatchKind, WatchRow};
use units::WalletId;

use crate::{Context, Error, Services, alert, pass, top_up};

/// How many watches are read at once.
const PAGE: u32 = 200;

/// Looks at every wallet that is due, and answers how many were looked at. What cannot be looked at now stays due,
/// and stops no other. Several nodes may do it at once: of those who look at one wallet, one decides.
pub async fn watch(services: &Services, ctx: &Context) -> Result<u64, Error> {
    let mut looked = look_at_gauges(services, ctx).await?;
    for row in services.store.reader().list_due_watches(ctx.now, PAGE).await? {
        match look(services, ctx, &row).await {
            Ok(true) => looked += 1,
            Ok(false) => {}
            Err(error) => tracing::warn!(wallet = %row.wallet, %error, "a wallet cannot be looked at now"),
        }
    }
    Ok(looked)
}

async fn look(services: &Services, ctx: &Context, row: &WatchRow) -> Result<bool, Error> {
    match row.kind {
        WatchKind::TopUp => top_up::look(services, ctx, row.wallet).await,
        WatchKind::LowBalance => alert::look(services, ctx, row.wallet).await,
    }
}

/// Bonuses come first: they may make a purchase unnecessary.
async fn look_at_gauges(services: &Services, ctx: &Context) -> Result<u64, Error> {
    let mut looked = 0;
    for gauge in services.store.reader().list_due_gauges(ctx.now, PAGE).await? {
        match pass::advance(services, ctx, gauge.pass).await {
            Ok(is_changed) => looked += u64::from(is_changed),
            Err(error) => tracing::warn!(wallet = %gauge.wallet, %error, "a pass cannot be looked at now"),
        }
    }
    Ok(looked)
}

/// Finds wallets that are below a line although nobody noted it, and notes it now. Nothing is ever found unless
/// something went wrong: a crossing is noted with its charge.
pub async fn find_missed(services: &Services, ctx: &Context) -> Result<u64, Error> {
    let (mut after, mut found) = (None, 0);
    loop {
        let missed = services.store.reader().list_missed_watches(ctx.now, after, PAGE).await?;
        for row in &missed {
            found += u64::from(note(services, ctx, row.wallet, row.kind).await?);
        }
        match missed.last() {
            Some(last) if missed.len() == PAGE as usize => after = Some(last.wallet),
            _ => return Ok(found),
        }
    }
}

/// Notes a crossing, so that somebody looks. One that is noted already stays.
pub(crate) async fn note(services: &Services, ctx: &Context, wallet: WalletId, kind: WatchKind) -> Result<bool, Error> {
    let now = ctx.now;
    services
        .store
        .write(async move |tx| {
            let found = tx.find_watch(wallet, kind).await?;
            let Some(row) = found.filter(|row| row.is_armed && row.look_at.is_none()) else { return Ok(false) };
            tx.save_watch(&WatchRow { is_armed: false, look_at: Some(now), ..row }).await?;
            Ok::<_, Error>(true)
        })
        .await
}
