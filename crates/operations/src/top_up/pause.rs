//! Pauses automatic top-up, and writes to the holder why.

use billing::top_up::{Pause, State};
use connectors::mail::Letter;
use store::{Holder, Tx};
use units::WalletId;

use super::logged::change;
use super::{at_rest, in_state, read};
use crate::audit::{Scope, record_by_server};
use crate::{Context, Error, Services, holder};

/// Pauses what is on, in the transaction of whatever is the reason: a decline, a refund, a dispute, a suspension.
/// What is off or paused already stays as it is, so there is one letter for one pause.
pub(crate) async fn pause(tx: &mut Tx<'_>, ctx: &Context, wallet: WalletId, reason: Pause) -> Result<(), Error> {
    let Some(before) = tx.find_top_up(wallet).await? else { return Ok(()) };
    if read(&before)?.0 != State::On {
        return Ok(());
    }
    let row = in_state(&before, State::Paused(reason), ctx.now);
    tx.save_top_up(&row).await?;
    tx.save_watch(&at_rest(&row)).await?;
    let Some(known) = tx.find_wallet(wallet).await? else { return Ok(()) };
    let scope = match known.holder {
        Holder::User(user) => Scope::Person(user),
        Holder::Organization(organization) => Scope::Organization(organization),
    };
    record_by_server(tx, ctx, change(scope, "top_up.pause", Some(&before), &row)).await?;
    let why = reason.words().to_owned();
    holder::write_to(tx, ctx, &known.holder, |organization, link| Letter::TopUpPaused { organization, why, link }).await
}

/// The same for what may have taken the wallet below its threshold: it pauses only when it has.
pub(crate) async fn pause_when_low(
    services: &Services,
    ctx: &Context,
    wallet: WalletId,
    reason: Pause,
) -> Result<(), Error> {
    let reader = services.store.reader();
    let Some(row) = reader.find_top_up(wallet).await? else { return Ok(()) };
    let books = reader.load_wallet(wallet).await?;
    if read(&row)?.0 != State::On || books.is_none_or(|books| books.available(ctx.now) >= row.threshold) {
        return Ok(());
    }
    let ctx = ctx.clone();
    services.store.write(async move |tx| pause(tx, &ctx, wallet, reason).await).await
}
